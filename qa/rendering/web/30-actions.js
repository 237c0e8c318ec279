/* Verdicts, copies, links and files. What users said of an answer outlives each redrawing of the conversation. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const said = new Map(); // turn -> {verdict, right, comment, words, shown, ok}
  const unsent = []; // verdicts that the server has not answered for, oldest first
  const PATIENCE = 20000; // milliseconds
  const drafts = new Map(); // turn -> a comment as far as it was written
  let send = null; // the trigger of the events
  let seq = 0;
  let correcting = null; // the turn whose right answer is being looked for
  let fading = 0; // takes away what was said of a file
  let cited = null; // the turn whose citation was opened last

  const nothing = { verdict: "", right: {}, comment: "", shown: "", ok: true };
  const of = (turn) => said.get(turn) || nothing;
  const turnOf = (node) => $(`.vb-turn[data-turn="${CSS.escape(node)}"]`);
  const questionOf = (turn) => ($(".vb-question", turnOf(turn) || document) || { textContent: "" }).textContent;

  /* Show at every answer what was said of it. */
  const draw = () => {
    if (!$(".vb-turn")) [said, drafts].forEach((known) => known.clear()); // another conversation
    for (const row of document.querySelectorAll(".vb-actions")) {
      const state = of(row.dataset.turn);
      for (const thumb of row.querySelectorAll(".vb-judge")) {
        thumb.setAttribute("aria-pressed", String(thumb.dataset.act === state.verdict));
      }
      const line = $(".vb-said", row.parentElement);
      if (line.textContent !== state.shown) line.textContent = state.shown;
      line.classList.toggle("vb-failed", !state.ok);
    }
  };

  const tell = (turn, shown, ok = true) => {
    said.set(turn, { ...of(turn), shown, ok });
    draw();
  };

  /* Verdicts are sent one after the other, so that the last one is what is kept; each is shown at once. */
  const judge = (turn, change) => {
    const before = of(turn);
    const key = String(++seq);
    const next = { ...before, ...change, shown: "", ok: true, key };
    said.set(turn, next);
    draw();
    unsent.push({ turn, before, next, key });
    if (unsent.length === 1) sendNext();
  };

  const sendNext = () => {
    const first = unsent[0];
    if (!first) return;
    const { turn, next, key } = first;
    send("judge", { turn, verdict: next.verdict, comment: next.comment, ...next.right, seq: key });
    setTimeout(() => judged({ seq: key, ok: "0", said: "The server does not answer: this was not kept." }), PATIENCE);
  };

  /* What became of a verdict: one that was not kept is shown no longer, unless another has taken its place. */
  const judged = (data) => {
    if (!unsent.length || unsent[0].key !== data.seq) return;
    const { turn, before, next } = unsent.shift();
    const ok = data.ok === "1";
    if (ok) said.set(turn, { ...of(turn), shown: data.said, ok });
    else said.set(turn, { ...(of(turn).key === next.key ? before : of(turn)), shown: data.said, ok });
    draw();
    const box = dialog();
    if (ok && next.right.right && correcting === turn && next.right === of(turn).right) correcting = null;
    if (ok && next.right.right && box.open) box.close();
    else if (box.open) saidInDialog(data.said, ok);
    const use = $(".vb-use");
    if (ok && next.right.right === "words") {
      getSelection().removeAllRanges();
      offer();
    } else if (!ok && !use.hidden) $("span", use).textContent = data.said;
    sendNext();
  };

  /* Without https there is no clipboard but the old command. */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const before = document.activeElement;
      const box = document.createElement("textarea");
      box.value = text;
      box.className = "vb-offscreen";
      document.body.append(box);
      box.select();
      let done = false;
      try {
        done = document.execCommand("copy");
      } catch {
        done = false;
      }
      box.remove();
      if (before) before.focus({ preventScroll: true });
      return done;
    }
  };

  const dialog = () => $(".vb-dialog");

  const saidInDialog = (text, ok = true) => {
    const line = $(".vb-dialog-said");
    line.textContent = text;
    line.classList.toggle("vb-failed", !ok);
  };

  /* Ask what would be right. */
  const correct = (turn) => {
    const box = dialog();
    const offered = $(".vb-choices-of", turnOf(turn));
    if (!box || !offered) return;
    correcting = turn;
    $(".vb-dialog-question", box).textContent = questionOf(turn);
    $(".vb-choices", box).replaceChildren(offered.content.cloneNode(true));
    $("#vb-words", box).value = "";
    $("#vb-comment", box).value = drafts.get(turn) ?? of(turn).comment;
    $("[data-act=none]", box).hidden = Boolean($(".vb-unanswered", turnOf(turn)));
    saidInDialog("");
    box.showModal();
    $(".vb-dialog-body", box).scrollTop = 0;
  };

  const acted = async (button) => {
    const turn = button.closest(".vb-actions").dataset.turn;
    const act = button.dataset.act;
    if (act === "copy") {
      tell(turn, (await copy(button.dataset.text)) ? "Copied." : "The browser does not allow copying here.");
    } else if (act === "link") {
      const link = new URL(button.getAttribute("href"), location.href).href;
      const done = await copy(link);
      if (!done) history.replaceState(history.state, "", link);
      tell(turn, done ? "Link copied." : "The link stands in the address bar now: copy it there.");
    } else if (of(turn).verdict === act) {
      correcting = null;
      judge(turn, { verdict: "", right: {}, comment: "" });
    } else {
      judge(turn, act === "up" ? { verdict: act, right: {} } : { verdict: act });
      if (act === "down") correct(turn);
    }
  };

  const chosen = (button) => {
    const act = button.dataset.act;
    const turn = correcting;
    if (act === "close") {
      dialog().close();
      return;
    }
    if (turn === null) return;
    const comment = $("#vb-comment").value.trim();
    if (act === "comment") {
      if (comment) judge(turn, { comment });
      else saidInDialog("Write a comment first.", false);
      return;
    }
    const words = $("#vb-words").value.trim();
    const right = act === "none" ? { right: "none" } : { right: "passage", words, ...place(button) };
    judge(turn, { verdict: "down", right, comment });
  };
  const place = ({ dataset: { doc, start, end } }) => ({ doc, start, end });

  /* Words selected in the open source, with what stands around them. */
  const selected = () => {
    const selection = getSelection();
    const text = $("#vb-panel .vb-text");
    if (!text || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!text.contains(range.commonAncestorContainer)) return null;
    const words = selection.toString().replace(/\s+/g, " ").trim();
    if (!words) return null;
    const around = document.createRange();
    around.selectNodeContents(text);
    around.setEnd(range.startContainer, range.startOffset);
    const before = around.toString().slice(-80);
    around.selectNodeContents(text);
    around.setStart(range.endContainer, range.endOffset);
    const { doc } = text.closest(".vb-source").dataset;
    return { right: "words", doc, words, before, after: around.toString().slice(0, 80) };
  };

  /* The answer that words of the source would correct: the one being corrected, else the one whose citation is open. */
  const meant = () => {
    const active = $(".vb-cite.vb-active");
    const turn = active && active.closest(".vb-turn");
    const all = document.querySelectorAll(".vb-actions");
    return correcting ?? (turn ? turn.dataset.turn : cited) ?? (all.length ? all[all.length - 1].dataset.turn : null);
  };

  const offer = () => {
    const use = $(".vb-use");
    if (!use) return;
    const turn = selected() && meant();
    use.hidden = turn === null || !turnOf(turn);
    if (!use.hidden) $("span", use).textContent = questionOf(turn);
  };

  /* Menus and files. */
  const save = ({ name, type, text }) => {
    const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  const exported = (text) => {
    const line = $(".vb-exported");
    if (line) line.textContent = text;
    clearTimeout(fading);
    if (text) fading = setTimeout(() => exported(""), 20000);
  };

  const received = (data) => {
    if (data.kind === "judged") judged(data);
    else if (data.kind === "file") {
      save(data);
      exported(`Saved as ${data.name}`);
    } else if (data.kind === "told") exported(data.said);
  };

  const actions = (element, trigger, watch) => {
    send = trigger;
    watch("value", () => {
      const node = $(".vb-outcome", element);
      if (node) received(node.dataset);
    });
    // The conversation may come onto the page after this, so the page is watched.
    new MutationObserver(draw).observe(element.closest("#vb-page"), { childList: true, subtree: true });
    const query = new URLSearchParams(location.search);
    const question = query.get("q");
    if (question) trigger("reopen", { question, collection: query.get("collection") || "" });
  };

  document.addEventListener("click", (event) => {
    const menu = $(".vb-export[open]");
    const target = event.target;
    if (menu && !menu.contains(target)) menu.open = false;
    const cite = target.closest(".vb-turn .vb-cite");
    if (cite) cited = cite.closest(".vb-turn").dataset.turn;
    const button = target.closest("[data-act]");
    if (button && button.closest(".vb-actions")) {
      if (button.dataset.act === "link") {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens it in another tab
        event.preventDefault();
      }
      acted(button);
    } else if (button && button.closest(".vb-dialog")) chosen(button);
    else if (target.closest("[data-export]")) {
      menu.open = false;
      $("summary", menu).focus({ preventScroll: true });
      exported("");
      send("take", { format: target.closest("[data-export]").dataset.export, seq: String(++seq) });
    } else if (target.closest(".vb-use")) {
      const turn = meant();
      const right = selected();
      if (right && turn !== null) judge(turn, { verdict: "down", right });
    } else if (target === dialog()) dialog().close(); // beside it
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".vb-use")) event.preventDefault(); // keeps the selection
  });
  document.addEventListener("selectionchange", offer);
  document.addEventListener("input", (event) => {
    if (event.target.id === "vb-comment" && correcting !== null) {
      drafts.set(correcting, event.target.value);
    }
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      const menu = $(".vb-export[open]");
      if (menu) {
        menu.open = false;
        $("summary", menu).focus({ preventScroll: true });
        event.stopPropagation();
      } else if (dialog() && dialog().open) event.stopPropagation(); // closes the dialog, not the source
    },
    true,
  );

  window.verbatim = { ...window.verbatim, actions };
})();
