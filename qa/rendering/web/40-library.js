/* The documents: which view is open, the list, files on their way, and the question whether to remove one. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const want = { search: "", collection: "", sort: "title", descending: false, page: 0 };
  const hooks = { browse: () => {}, act: () => {}, poll: () => {} };
  let collections = {};
  let total = 0;
  let scope = null; // the choice above the question box
  const alarm = () => {
    let timer = 0;
    return (what, delay) => { clearTimeout(timer); timer = setTimeout(what, delay); };
  };
  const pollLater = alarm();
  const searchLater = alarm(); // of its own, so that what is polled puts off no search

  /* The two views. The open one is in the address, so that it is open again after a reload. */
  const isOpen = () => document.body.classList.contains("vb-on-documents");
  const showView = () => {
    const open = location.hash === "#documents";
    if (open !== isOpen()) window.verbatim.panel.hide();
    document.body.classList.toggle("vb-on-documents", open);
    for (const node of document.querySelectorAll("[data-view]")) {
      if ((node.dataset.view === "documents") === open) node.setAttribute("aria-current", "page");
      else node.removeAttribute("aria-current");
    }
    if (open) { hooks.poll(); hooks.browse(); }
  };
  const visit = (view) => {
    const address = location.pathname + location.search + (view === "documents" ? "#documents" : "");
    history.pushState(null, "", address);
    showView();
  };
  document.addEventListener("click", (event) => {
    const node = event.target.closest && event.target.closest("[data-view]");
    if (!node || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(node.dataset.view);
  });
  window.addEventListener("popstate", showView);
  window.addEventListener("hashchange", showView);

  /* Choices of a collection: the names come as data and are set as text. */
  const fill = (select, all) => {
    if (!select) return;
    const chosen = select.value;
    const options = [make("option", "", all)];
    options[0].value = "";
    for (const [name, count] of Object.entries(collections)) {
      const option = make("option", "", `${name} (${count})`);
      option.value = name;
      options.push(option);
    }
    if (chosen && !(chosen in collections)) {
      const option = make("option", "", `${chosen} (no longer there)`);
      option.value = chosen;
      options.push(option);
    }
    select.replaceChildren(...options);
    select.value = chosen;
    const box = select.closest(".vb-scope") || select;
    box.hidden = options.length === 1;
  };
  const fillAll = () => {
    fill(scope, `All documents (${total})`);
    fill($("#vb-filter"), "All collections");
    const names = $("#vb-names");
    if (names) {
      names.replaceChildren(...Object.keys(collections).map((name) => {
        const option = make("option");
        option.value = name;
        return option;
      }));
    }
  };
  const scopeBox = (element, props) => {
    scope = $("select", element);
    scope.addEventListener("change", () => { props.value = scope.value; });
    fillAll();
  };

  /* The list: searched, sorted and turned over on the server. */
  const libraryList = (element, trigger, watch) => {
    hooks.browse = () => trigger("browse", { ...want });
    element.addEventListener("click", (event) => {
      const node = event.target.closest("button");
      if (!node) return;
      const data = node.dataset;
      if (data.event === "cite") window.verbatim.openPlace(node, trigger, event.detail === 0);
      else if (data.sort) {
        want.descending = want.sort === data.sort && !want.descending;
        want.sort = data.sort;
        want.page = 0;
        hooks.browse();
      } else if (data.page !== undefined) {
        want.page = Number(data.page);
        hooks.browse();
        $("#vb-library-list").scrollIntoView({ block: "start" });
      } else if (data.clear) {
        want.search = want.collection = "";
        $("#vb-search").value = "";
        $("#vb-filter").value = "";
        want.page = 0;
        hooks.browse();
        $("#vb-search").focus();
      } else if (data.ask) confirmFirst(node);
      else if (data.do) hooks.act({ ...data });
    });
    const seen = () => {
      const box = $(".vb-lib", element);
      if (!box) return;
      if (box.dataset.loading) { setTimeout(hooks.browse, 1200); return; }
      if (box.dataset.collections === undefined) return;
      collections = JSON.parse(box.dataset.collections);
      total = Number(box.dataset.total);
      fillAll();
    };
    watch("value", seen);
    hooks.browse();
    showView();
  };

  /* Changes under way: asked for again until there are none; the list follows them. */
  const libraryJobs = (element, trigger, watch) => {
    let stamp = "";
    const goOn = () => {
      const box = $(".vb-intake", element);
      if (box && box.dataset.busy !== "0") pollLater(hooks.poll, isOpen() ? 500 : 2000);
      else if (isOpen()) pollLater(() => { if (isOpen()) hooks.poll(); }, 10000);
    };
    hooks.poll = () => {
      trigger("poll", {});
      goOn(); // here too, as an answer that changes nothing is not told of below
    };
    hooks.act = (data) => trigger("act", data);
    element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-do]");
      if (node) hooks.act({ ...node.dataset });
    });
    const seen = () => {
      const box = $(".vb-intake", element);
      if (!box) return;
      for (const row of element.querySelectorAll("[data-token]")) {
        const own = row.dataset.token && document.getElementById(`vb-sent-${row.dataset.token}`);
        if (own) own.remove();
      }
      if (box.dataset.stamp && box.dataset.stamp !== stamp) {
        stamp = box.dataset.stamp;
        hooks.browse();
      }
      goOn();
    };
    watch("value", seen);
    if (isOpen()) hooks.poll();
  };

  /* Asking first: a dialog that names the document. */
  const confirmFirst = (node) => {
    const dialog = $("#vb-confirm");
    const { ask, doc, name, collection = "" } = node.dataset;
    const input = $("#vb-confirm-input");
    const remove = ask === "remove";
    $("#vb-confirm-title").textContent = remove ? `Remove “${name}”?` : ask === "move" ? `Collection of “${name}”` : `Rename “${name}”`;
    $(".vb-confirm-text", dialog).textContent = remove
      ? "It is gone from the answers, for everybody. If its file was added here, it is kept aside on the server."
      : ask === "move" ? "Choose a collection or name a new one; nothing puts it into none." : "All its documents move to the new name.";
    $(".vb-confirm-name", dialog).hidden = remove;
    input.value = remove ? "" : ask === "move" ? collection : name;
    const yes = $("#vb-confirm-yes");
    yes.textContent = remove ? "Remove" : ask === "move" ? "Move" : "Rename";
    yes.onclick = () => {
      dialog.close();
      hooks.act(remove ? { do: "remove", doc } : ask === "move" ? { do: "move", doc, collection: input.value } : { do: "rename", name, collection: input.value });
      if (ask === "rename") { want.collection = ""; $("#vb-filter").value = ""; }
      $("#vb-search").focus({ preventScroll: true });
      $("#vb-library-jobs").scrollIntoView({ block: "start" }); // where it is told what becomes of it
    };
    $("#vb-confirm-no").onclick = () => dialog.close();
    input.onkeydown = (event) => { if (event.key === "Enter") yes.click(); };
    dialog.onclose = () => { if (document.activeElement === document.body && node.isConnected) node.focus(); };
    dialog.showModal();
    (remove ? $("#vb-confirm-no") : input).focus();
  };

  /* Files on their way: one after the other, each with a bar. */
  const waiting = [];
  let sending = false;
  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const failed = (row, words) => {
    row.classList.replace("vb-is-working", "vb-is-failed");
    $(".vb-stage", row).textContent = words;
    const bar = $("progress", row);
    if (bar) bar.remove();
    const button = make("button", "vb-quiet", "Dismiss");
    button.type = "button";
    button.setAttribute("aria-label", `Dismiss ${$("bdi", row).textContent}`);
    button.addEventListener("click", () => { row.remove(); $("#vb-choose").focus(); });
    $(".vb-buttons", row).append(button);
  };
  const rowOf = (file, token) => {
    const row = make("li", "vb-job vb-is-working");
    row.id = `vb-sent-${token}`;
    const name = make("b");
    name.append(make("bdi", "", file.name));
    const step = make("span", "vb-stage", "Waiting");
    step.setAttribute("role", "status");
    const bar = make("progress");
    bar.max = Math.max(1, file.size);
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    row.append(name, step, bar, make("span", "vb-buttons"));
    $(".vb-sending").append(row);
    return row;
  };
  const send = ({ file, token, row, collection }) => new Promise((ended) => {
    const request = new XMLHttpRequest();
    const { root = "", api_prefix: prefix = "/gradio_api" } = window.gradio_config || {};
    const form = new FormData();
    form.append("files", file, "upload");
    request.open("POST", `${root}${prefix}/upload`);
    request.upload.onprogress = (event) => {
      $("progress", row).value = event.loaded;
      $(".vb-stage", row).textContent = `Sending ${size(Math.min(event.loaded, file.size))} of ${size(file.size)}`;
    };
    request.onerror = () => { failed(row, "The connection broke off: add it again"); ended(); };
    request.onload = () => {
      let path = "";
      try { [path] = JSON.parse(request.responseText); } catch { path = ""; }
      if (request.status === 200 && path) {
        $(".vb-stage", row).textContent = "Received";
        hooks.act({ do: "take", path, name: file.name, token, collection });
      } else if (request.status === 413) failed(row, "The file is larger than what is taken here");
      else if (request.status === 403) failed(row, "Files are not taken here");
      else failed(row, "The server did not take the file: add it again");
      ended();
    };
    request.send(form);
  });
  const sendAll = async () => {
    if (sending) return;
    sending = true;
    while (waiting.length) await send(waiting.shift());
    sending = false;
  };
  const accept = (files, box) => {
    const limit = Number(box.dataset.limit);
    const most = Number(box.dataset.atOnce);
    const kinds = box.dataset.accept.split(",");
    const collection = $("#vb-into").value;
    [...files].forEach((file, number) => {
      const token = [...crypto.getRandomValues(new Uint8Array(9))].map((n) => n.toString(16).padStart(2, "0")).join("");
      const row = rowOf(file, token);
      if (number >= most) failed(row, `At most ${most} files at once: add this one after them`);
      else if (!kinds.some((kind) => file.name.toLowerCase().endsWith(kind))) failed(row, "Files of this kind cannot be read here");
      else if (file.size > limit * 1048576) failed(row, `The file is larger than ${limit} MB`);
      else if (!file.size) failed(row, "The file is empty, or a folder: add the files in it");
      else waiting.push({ file, token, row, collection });
    });
    sendAll();
  };
  const librarySearch = (box) => {
    $("#vb-search", box).addEventListener("input", (event) => {
      want.search = event.target.value;
      want.page = 0;
      searchLater(hooks.browse, 150);
    });
    $("#vb-filter", box).addEventListener("change", (event) => {
      want.collection = event.target.value;
      want.page = 0;
      hooks.browse();
    });
  };
  const libraryTools = (element) => {
    const box = $(".vb-adding", element);
    const drop = $(".vb-drop", box);
    if (!drop) return;
    const files = $("#vb-files", box);
    $("#vb-choose", box).addEventListener("click", () => files.click());
    files.addEventListener("change", () => { accept(files.files, box); files.value = ""; });
    const view = $("#vb-documents");
    const hold = (event) => {
      if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return false;
      event.preventDefault();
      return true;
    };
    document.addEventListener("dragover", (event) => { if (hold(event)) drop.classList.toggle("vb-over", view.contains(event.target)); });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("vb-over"); });
    document.addEventListener("drop", (event) => {
      if (!hold(event)) return;
      drop.classList.remove("vb-over");
      if (view.contains(event.target)) accept(event.dataTransfer.files, box);
    });
    window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
  };

  Object.assign(window.verbatim, { scope: scopeBox, libraryList, libraryJobs, librarySearch, libraryTools });
})();
