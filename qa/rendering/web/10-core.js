/* Clicks become events, what was opened is scrolled into view. Everything shown was escaped by qa.rendering. */
(() => {
  "use strict";
  const narrow = window.matchMedia("(max-width: 860px)");
  const $ = (selector, root = document) => root.querySelector(selector);
  const keys = ["doc", "start", "end", "quoteStart", "quoteEnd"];
  const keyOf = (node) => keys.map((key) => node.dataset[key]).join("|");
  let opener = null; // the place that was opened last
  let button = null; // and what it was opened with
  let byKeyboard = false;

  const shown = () => document.body.classList.contains("vb-open");

  /* Put `node` at a third of the height of `box`, and inside its width. */
  const center = (box, node) => {
    const inner = node.getBoundingClientRect();
    const outer = box.getBoundingClientRect();
    box.scrollTop += inner.top - outer.top - (box.clientHeight - Math.min(inner.height, box.clientHeight)) / 3;
    const wide = node.closest(".vb-scroll");
    if (wide && inner.right > outer.right) wide.scrollLeft += inner.right - outer.right + 24;
  };

  const markActive = () => {
    for (const node of document.querySelectorAll(".vb-cite")) {
      const active = shown() && opener !== null && keyOf(node) === opener;
      node.classList.toggle("vb-active", active);
      if (active) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  };

  const reveal = () => {
    document.body.classList.add("vb-open");
    const chat = $("#vb-chat");
    if (chat) chat.inert = narrow.matches;
    const box = $("#vb-panel .vb-text");
    if (box) {
      const target = $("mark", box) || $(".vb-quoted", box);
      if (target) requestAnimationFrame(() => center(box, target));
      if (byKeyboard || narrow.matches) box.focus({ preventScroll: true });
    }
    markActive();
  };

  const close = () => {
    document.body.classList.remove("vb-open");
    const chat = $("#vb-chat");
    if (chat) chat.inert = false;
    markActive();
    if (button && button.isConnected) button.focus({ preventScroll: true });
  };

  /* The conversation: examples ask, citations open, and the newest question is scrolled to the top. */
  const transcript = (element, trigger, watch) => {
    const open = (node) => {
      opener = keyOf(node);
      button = node;
      const panel = $("#vb-panel .vb-source");
      if (panel && panel.dataset.doc !== undefined && keyOf(panel) === opener) reveal();
      else trigger("cite", { ...node.dataset });
    };
    element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-event]");
      if (!node) return;
      if (node.dataset.event !== "cite") {
        trigger(node.dataset.event, { ...node.dataset });
        return;
      }
      byKeyboard = event.detail === 0;
      open(node);
    });
    watch("value", () => {
      const box = $("#vb-transcript");
      const turns = element.querySelectorAll(".vb-turn");
      const last = turns[turns.length - 1];
      if (!last) return;
      const top = last.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += top - 12;
      markActive();
      if ($(".vb-waiting", last) || !shown() || narrow.matches) return;
      const first = $(".vb-answered .vb-cite", last);
      byKeyboard = false;
      if (first) open(first);
      else document.body.classList.remove("vb-open");
    });
  };

  /* The source beside the conversation. */
  const source = (element, trigger, watch) => {
    element.addEventListener("click", (event) => {
      if (event.target.closest(".vb-close")) close();
    });
    watch("value", reveal);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown()) close();
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "vb-side") close(); // the dimmed part beside the sheet on small screens
  });
  narrow.addEventListener("change", () => {
    const chat = $("#vb-chat");
    if (chat) chat.inert = narrow.matches && shown();
  });

  window.verbatim = { transcript, source };
})();
