/* What the server could not do is said beside the question box, not in a corner; what was typed outlives a reload; log out. */
(() => {
  "use strict";
  const DRAFT = "verbatim-draft";
  const LOST =
    "The connection to the server was lost. What is on this page stays; reload it when the server is back. Your question is kept.";
  const GONE = /connection errored out|connection to the server was lost|server stopped|could not resolve app config/i;
  const BUSY = /currently busy/i;
  const FAILURE = ".toast-message-text.error";
  const AGAIN = /log in again|reload the page/i;
  const busy = "The server is busy with other questions. Wait a few seconds and ask again: nothing of yours was lost.";
  const box = () => document.querySelector("#vb-question textarea");
  let notice = null;
  let asked = ""; // the question that was sent last, until it stands in the conversation

  const button = (text, act) => {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = text;
    node.addEventListener("click", act);
    return node;
  };

  const keep = (text) => {
    try {
      if (text) sessionStorage.setItem(DRAFT, text);
      else sessionStorage.removeItem(DRAFT);
    } catch (error) {
      /* a browser without storage keeps nothing */
    }
  };

  const kept = () => {
    try {
      return sessionStorage.getItem(DRAFT) || "";
    } catch (error) {
      return "";
    }
  };

  const hide = () => {
    if (notice) notice.hidden = true;
  };

  /* Say it above the question box; `again` offers to reload. */
  const tell = (text, again, label) => {
    if (!notice || !notice.isConnected) {
      notice = document.createElement("div");
      notice.className = "vb-notice";
      notice.setAttribute("role", "alert");
      const composer = document.querySelector("#vb-composer");
      if (composer) composer.before(notice);
      else document.body.prepend(notice);
    }
    const words = document.createElement("p");
    words.textContent = text;
    const reload = () => {
      const field = box();
      keep((field && field.value.trim()) || asked);
      location.reload();
    };
    notice.replaceChildren(words, ...(again ? [button(label, reload)] : []), button("Dismiss", hide));
    notice.hidden = false;
  };

  /* A question that no answer will come to any more says so. */
  const giveUp = () => {
    for (const card of document.querySelectorAll(".vb-waiting")) {
      const dots = card.querySelector(".vb-dots");
      const words = card.querySelector("p");
      const question = card.closest(".vb-turn");
      const heading = question && question.querySelector(".vb-question");
      if (heading) asked = heading.textContent;
      if (dots) dots.remove();
      if (words) words.textContent = "No answer came: the connection to the server was lost.";
      card.classList.replace("vb-waiting", "vb-problem");
    }
  };

  const take = (text) => {
    if (GONE.test(text)) {
      giveUp();
      tell(LOST, true, "Reload");
    } else if (BUSY.test(text)) tell(busy, false);
    else if (AGAIN.test(text)) tell(text, true, /log in/i.test(text) ? "Log in" : "Reload");
    else tell(text, false);
  };

  /* Gradio says each failure once, in a corner that the style sheet hides. */
  const look = (node) => {
    if (!(node instanceof Element)) return;
    const found = node.matches(FAILURE) ? [node] : node.querySelectorAll(FAILURE);
    for (const message of found) take(message.textContent.trim());
  };

  const restore = () => {
    const field = box();
    const draft = kept();
    if (!field) return false;
    keep("");
    if (draft && !field.value) {
      field.value = draft;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return true;
  };

  const logout = () => {
    const meta = document.querySelector('meta[name="vb-logout"]');
    const bar = document.querySelector(".vb-bar");
    if (!meta || !bar || bar.querySelector(".vb-logout")) return;
    const form = document.createElement("form");
    form.className = "vb-logout";
    form.method = "post";
    form.action = meta.content;
    const leave = document.createElement("button");
    leave.type = "submit";
    leave.textContent = "Log out";
    form.append(leave);
    bar.append(form);
  };

  /* Gradio puts this script in when the document has long been read. */
  const start = () => {
    let restored = restore();
    logout();
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) look(node);
      restored = restored || restore();
      logout();
    }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("input", (event) => {
    if (event.target === box()) hide();
  });
})();
