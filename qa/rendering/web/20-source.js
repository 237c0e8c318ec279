/* The source beside the conversation: opening, closing, turning pages, and going from citation to citation. */
(() => {
  "use strict";
  const narrow = window.matchMedia("(max-width: 860px)");
  const $ = (selector, root = document) => root.querySelector(selector);
  const keys = ["doc", "start", "end", "quoteStart", "quoteEnd"];
  const keyOf = (node) => keys.map((key) => node.dataset[key]).join("|");
  const placeOf = (node) => Object.fromEntries(keys.map((key) => [key, node.dataset[key]]));
  let cite = null; // asks the server for the source of a citation
  let turn = null; // and for another page or part of the one that is open
  let opener = null; // the place that was opened last
  let button = null; // and what it was opened with
  let wanted = false; // whether what the server sends is still to be shown
  let focus = null; // what is focused in the panel when it comes
  let stepped = false; // whether to say aloud which citation it is
  let view = ""; // "page" or "text", once chosen
  let asked = 0; // how often the server was asked
  let came = 0; // and which of that has come
  let large = null; // whether pages are larger than the panel, once chosen

  /* What the sheet on small screens lies over cannot be reached meanwhile. */
  const cover = (covered) => {
    for (const node of document.querySelectorAll("#vb-chat, #vb-documents")) node.inert = covered;
  };

  const shown = () => document.body.classList.contains("vb-open");
  const panel = () => $("#vb-panel .vb-source");
  const region = () => $("#vb-panel [data-focus=view]");

  /* Say something to screen readers. */
  const say = (words) => {
    let node = $("body > .vb-spoken");
    if (!node) {
      node = document.createElement("div");
      node.className = "vb-spoken";
      node.setAttribute("role", "status");
      document.body.append(node);
    }
    node.textContent = words;
  };

  /* The citations of the conversation, each place once; those that are folded away only while they are open. */
  const citations = () => {
    const found = new Map();
    for (const node of document.querySelectorAll("#vb-transcript .vb-cite[data-doc]")) {
      const key = keyOf(node);
      if (!found.has(key) && (key === opener || !node.closest("details:not([open])"))) found.set(key, node);
    }
    return [...found.values()];
  };

  /* Put `node` at a third of the height of `box`, and inside its width. */
  const center = (box, node) => {
    const inner = node.getBoundingClientRect();
    const outer = box.getBoundingClientRect();
    box.scrollTop += inner.top - outer.top - (box.clientHeight - Math.min(inner.height, box.clientHeight)) / 3;
    if (box.scrollWidth > box.clientWidth + 1) {
      const all = [...box.querySelectorAll(".vb-box")].map((other) => other.getBoundingClientRect());
      const left = Math.min(inner.left, ...all.map((other) => other.left));
      const right = Math.max(inner.right, ...all.map((other) => other.right));
      const fits = right - left < box.clientWidth - 24; // the quote as a whole, or else the words that answer
      const [from, width] = fits ? [left, right - left] : [inner.left, inner.width];
      box.scrollLeft += from - outer.left - Math.max(12, (box.clientWidth - width) / 2);
    }
    const wide = node.closest(".vb-scroll");
    if (wide && inner.right > outer.right) wide.scrollLeft += inner.right - outer.right + 24;
  };

  const scroll = () => {
    const box = region();
    if (!box) return;
    const source = panel();
    const target = $(".vb-box-words, mark", box) || $(".vb-box, .vb-quoted", box);
    if (target) center(box, target);
    else box.scrollTop = "end" in source.dataset ? box.scrollHeight : 0;
  };

  /* Pages as wide as the panel, or large enough to be read. */
  const zoom = () => {
    const leaf = $("#vb-panel .vb-sheet");
    if (!leaf) return;
    const now = large ?? narrow.matches;
    leaf.classList.toggle("vb-large", now);
    $("#vb-panel .vb-zoom").textContent = now ? "Fit width" : "Larger";
  };

  const mark = () => {
    for (const node of document.querySelectorAll("#vb-transcript .vb-cite")) {
      const active = shown() && opener !== null && keyOf(node) === opener;
      node.classList.toggle("vb-active", active);
      if (active) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
    const steps = $("#vb-panel .vb-steps");
    if (!steps) return;
    const all = citations();
    const at = all.findIndex((node) => keyOf(node) === opener);
    steps.hidden = at < 0;
    $(".vb-step", steps).textContent = `${at + 1} of ${all.length}`;
    $("[data-step='-1']", steps).disabled = at <= 0;
    $("[data-step='1']", steps).disabled = at >= all.length - 1;
    $(".vb-keys", steps).hidden = all.length < 2;
  };

  const address = () => {
    const link = $("#vb-panel .vb-file");
    if (!link || link.dataset.set) return;
    const base = location.pathname.endsWith("/") ? "" : `${location.pathname}/`;
    link.href = base + link.getAttribute("href");
    link.dataset.set = "true";
  };

  const reveal = () => {
    came = asked;
    $("#vb-side").classList.remove("vb-busy");
    if (!wanted) return;
    document.body.classList.add("vb-open");
    cover(narrow.matches);
    zoom();
    mark();
    address();
    requestAnimationFrame(scroll);
    if (focus !== null) {
      const same = $(`#vb-panel [data-focus="${focus}"]:not(:disabled)`);
      (same || region() || $("#vb-panel .vb-close"))?.focus({ preventScroll: true });
    }
    if (stepped) {
      const told = [$("#vb-panel .vb-step"), $("#vb-panel h2"), $("#vb-panel .vb-where"), $("#vb-panel .vb-lost")];
      say(`Citation ${told.map((node) => node?.textContent).filter(Boolean).join(", ")}`);
    } else if (focus !== null && $("#vb-panel .vb-tools span")) say($("#vb-panel .vb-tools span").textContent);
    focus = null;
    stepped = false;
  };

  /* Ask for something to be shown; it is told that it takes time only where it does. */
  const ask = (trigger, name, data) => {
    wanted = true;
    const held = document.activeElement?.closest("#vb-panel [data-focus], #vb-panel .vb-close");
    if (focus === null && held) focus = held.dataset.focus || "view";
    const number = ++asked;
    for (const [after, busy] of [[400, true], [20_000, false]]) {
      window.setTimeout(() => {
        if (asked === number && came < number) $("#vb-side").classList.toggle("vb-busy", busy);
      }, after);
    }
    trigger(name, data);
  };

  /* Open the place that a node names; `trigger` is that of the element it stands in. */
  const open = (node, byKeyboard, byStep = false, trigger = cite) => {
    opener = keyOf(node);
    button = node;
    stepped = byStep;
    if (byKeyboard || (narrow.matches && !shown())) focus = "view";
    const source = panel();
    const there = source && source.dataset.doc !== undefined && keyOf(source) === opener;
    if (there && "home" in source.dataset) {
      wanted = true;
      reveal();
    } else ask(trigger, "cite", { ...placeOf(node), view });
    if (there && "lost" in source.dataset) reveal(); // the same words do not come twice
  };

  const step = (by) => {
    const all = citations();
    const at = all.findIndex((node) => keyOf(node) === opener);
    const next = all[at + by];
    if (at < 0) return;
    if (!next) {
      say(by > 0 ? "This is the last citation" : "This is the first citation");
      return;
    }
    next.scrollIntoView({ block: "nearest" });
    open(next, false, true);
  };

  const hide = () => {
    wanted = false;
    document.body.classList.remove("vb-open");
    cover(false);
    mark();
  };

  const close = () => {
    hide();
    const origin = button && button.isConnected ? button : citations().find((node) => keyOf(node) === opener);
    if (origin) origin.focus({ preventScroll: true });
  };

  const source = (element, trigger, watch) => {
    turn = trigger;
    element.addEventListener("click", (event) => {
      const node = event.target.closest("button");
      if (!node || !element.contains(node)) return;
      if (node.matches(".vb-close")) close();
      else if (node.dataset.step) step(Number(node.dataset.step));
      else if (node.matches(".vb-zoom")) {
        large = !(large ?? narrow.matches);
        zoom();
        scroll();
        say(large ? "Larger" : "Fit to width");
      } else if ("turn" in node.dataset) {
        if (node.dataset.view) view = node.dataset.view;
        const { page, before, after } = node.dataset;
        ask(turn, "turn", { ...placeOf(panel()), view, page, before, after });
      }
    });
    watch("value", reveal);
  };

  /* Keys: n and p go from citation to citation where no text is being typed, Escape closes. */
  document.addEventListener("keydown", (event) => {
    if (!shown() || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") {
      close();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (at.isContentEditable || at.closest("input, textarea, select")) return;
    if (at !== document.body && !at.closest("#vb-side, .vb-cite")) return;
    const by = { n: 1, p: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "vb-side") close(); // the dimmed part beside the sheet on small screens
  });
  narrow.addEventListener("change", () => {
    cover(narrow.matches && shown());
    if (shown()) zoom();
  });

  const connect = (trigger) => {
    cite = trigger;
  };
  const openPlace = (node, trigger, byKeyboard) => open(node, byKeyboard, false, trigger);
  window.verbatim = { ...window.verbatim, source, openPlace, panel: { connect, open, hide, shown, refresh: mark } };
})();
