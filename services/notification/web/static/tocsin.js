"use strict";
// Lets clocks run down and keeps a page fresh. Without it, pages work as they were sent.
(() => {
  const { now, every, watch, alert } = document.body.dataset;
  const behind = Date.now() - Date.parse(now); // this clock is ahead of Tocsin's by that

  function left(time) {
    const seconds = Math.round((Date.parse(time.dateTime) - (Date.now() - behind)) / 1000);
    if (seconds <= 0) return time.dataset.over;
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const shown = hours ? `${hours}:${two(minutes)}` : String(minutes);
    return time.dataset.left.replace("%", `${shown}:${two(seconds % 60)}`);
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-left]")) time.textContent = left(time);
  }

  function busy() {
    const main = document.querySelector("main");
    return document.hidden || [...main.querySelectorAll("textarea")].some((each) => each.value);
  }

  function show(page) {
    const [old, fresh] = [document.querySelector("main"), page && page.querySelector("main")];
    if (!fresh || busy() || old.innerHTML === fresh.innerHTML) return;
    const focused = document.activeElement && document.activeElement.id;
    old.replaceWith(document.adoptNode(fresh));
    if (page.title) document.title = page.title;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    tick();
  }

  let begun = 0;
  function refresh() {
    if (busy()) return;
    begun = Date.now();
    const request = new XMLHttpRequest(); // it reads a page without running anything in it
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => {
      if (request.status === 200) show(request.response);
      if (request.status === 401) location.reload(); // signed out meanwhile
    };
    request.send();
  }

  let waiting = 0;
  function soon() {
    // However much happens, a page asks every other second only.
    const when = Math.max(50, begun + 2000 - Date.now());
    waiting ||= setTimeout(() => {
      waiting = 0;
      refresh();
    }, when);
  }

  tick();
  setInterval(tick, 1000);
  if (every) setInterval(refresh, every * 1000);
  document.addEventListener("visibilitychange", refresh);
  if (watch) {
    const stream = new EventSource(watch);
    stream.addEventListener("alert", (event) => {
      if (!alert || String(JSON.parse(event.data).alert.id) === alert) soon();
    });
    addEventListener("pagehide", () => stream.close());
  }
})();
