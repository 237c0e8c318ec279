/* The conversation: what is clicked becomes an event. Everything shown was escaped by qa.rendering. */
(() => {
  "use strict";
  const narrow = window.matchMedia("(max-width: 860px)");
  const $ = (selector, root = document) => root.querySelector(selector);

  const box = () => $("#vb-question textarea");
  const typing = window.matchMedia("(hover: hover)"); // where a focused box does not bring up a keyboard over the page
  let following = false; // whether the focus goes along to the turn that comes next

  /* Back to the question box: after asking by the button, on coming back to the conversation, and by Escape from within it. */
  const toBox = () => {
    if (box() && typing.matches) box().focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("#vb-send, [data-view=ask]")) setTimeout(toBox); // once the view is shown
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || window.verbatim.panel.shown()) return;
    if (event.target.closest("#vb-transcript, #vb-start") && box()) box().focus({ preventScroll: true });
  });

  /* Examples ask, citations open their source, and the newest question is scrolled to the top. */
  const transcript = (element, trigger, watch) => {
    const panel = window.verbatim.panel;
    panel.connect(trigger);
    element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-event]");
      if (!node) return;
      if (node.dataset.event === "cite") panel.open(node, event.detail === 0);
      else {
        following = true;
        trigger(node.dataset.event, { ...node.dataset });
      }
    });
    watch("value", () => {
      const view = $("#vb-transcript");
      const turns = element.querySelectorAll(".vb-turn");
      const last = turns[turns.length - 1];
      panel.refresh();
      if (!last) return;
      const top = last.getBoundingClientRect().top - view.getBoundingClientRect().top;
      view.scrollTop += top - 12;
      const question = $(".vb-question", last);
      if (following && question) question.focus({ preventScroll: true }); // what was pressed has scrolled away
      following = false;
      if ($(".vb-waiting", last) || !panel.shown() || narrow.matches) return;
      const first = $(".vb-answered .vb-cite", last);
      if (first) panel.open(first, false);
      else panel.hide();
    });
  };

  window.verbatim = { ...window.verbatim, transcript };
})();
