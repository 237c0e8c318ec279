/* The conversation: what is clicked becomes an event. Everything shown was escaped by qa.rendering. */
(() => {
  "use strict";
  const narrow = window.matchMedia("(max-width: 860px)");
  const $ = (selector, root = document) => root.querySelector(selector);

  /* Examples ask, citations open their source, and the newest question is scrolled to the top. */
  const transcript = (element, trigger, watch) => {
    const panel = window.verbatim.panel;
    panel.connect(trigger);
    element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-event]");
      if (!node) return;
      if (node.dataset.event === "cite") panel.open(node, event.detail === 0);
      else trigger(node.dataset.event, { ...node.dataset });
    });
    watch("value", () => {
      const box = $("#vb-transcript");
      const turns = element.querySelectorAll(".vb-turn");
      const last = turns[turns.length - 1];
      panel.refresh();
      if (!last) return;
      const top = last.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += top - 12;
      if ($(".vb-waiting", last) || !panel.shown() || narrow.matches) return;
      const first = $(".vb-answered .vb-cite", last);
      if (first) panel.open(first, false);
      else panel.hide();
    });
  };

  window.verbatim = { ...window.verbatim, transcript };
})();
