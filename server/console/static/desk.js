// The desk's one script, and an optional one: every page does its work without it.
// It tells of news without moving anything, and lets a reviewer work by keys.

const main = () => document.querySelector('[data-main]');
const KEYS = 'doorstep-keys';
const on = () => localStorage.getItem(KEYS) !== 'off';

/** Whether the person is writing: then keys are letters. Input methods of Chinese send keys of their own. */
const writing = (event) =>
  event.isComposing || event.keyCode === 229 ||
  ['INPUT', 'TEXTAREA', 'SELECT'].includes(event.target.tagName) && event.target.type !== 'radio';

/** 1 to 9 choose, as the sides stand; ? says so; Ctrl+Enter does what the page is for. */
function keys(event) {
  const help = document.getElementById('keys');
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    const button = main();
    // What lies behind an open window is not sent.
    if (button && !help?.open) { event.preventDefault(); button.click(); }
    return;
  }
  if (!on() || event.ctrlKey || event.metaKey || event.altKey || writing(event)) return;
  if (event.key === '?' && help) {
    event.preventDefault();
    help.open ? help.close() : help.showModal();
    return;
  }
  // What lies behind an open window is not chosen from.
  if (/^[1-9]$/.test(event.key) && !help?.open) {
    const choice = document.querySelectorAll('form.decide input[name=choice]')[Number(event.key) - 1];
    if (choice) { event.preventDefault(); choice.checked = true; choice.focus(); }
  }
}

/** Single keys can be switched off (WCAG 2.1.4). */
function help() {
  const dialog = document.getElementById('keys');
  if (!dialog) return;
  const box = dialog.querySelector('input');
  box.checked = on();
  box.addEventListener('change', () => localStorage.setItem(KEYS, box.checked ? 'on' : 'off'));
  const opener = document.getElementById('keys-open');
  if (opener) {
    opener.hidden = false;
    opener.addEventListener('click', () => dialog.showModal());
  }
}

/** The rows of a list, by key. */
const rows = (root) => new Set([...root.querySelectorAll('[data-key]')].map((row) => row.dataset.key));

/** Reads the page again and says how much is new. Nothing on it moves until the person asks. */
async function look(place) {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
  if (!answer.ok || answer.redirected) return;
  const shown = rows(document);
  const now = rows(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  const fresh = [...now].filter((key) => !shown.has(key)).length;
  const gone = [...shown].filter((key) => !now.has(key)).length;
  const count = fresh || gone;
  if (!count) { place.replaceChildren(); return; }
  const text = (fresh ? place.dataset.fresh : place.dataset.gone).replace('{n}', count);
  if (place.textContent.startsWith(text)) return;
  const show = document.createElement('a');
  show.href = location.href;
  show.textContent = place.dataset.show;
  place.replaceChildren(`${text} `, show);
}

/** One connection for a browser: the page that has the lock listens, and tells the others. */
function listen(told) {
  const channel = new BroadcastChannel('doorstep-live');
  channel.onmessage = told;
  navigator.locks.request('doorstep-live', () => new Promise((done) => {
    const source = new EventSource('/live');
    const tell = () => { told(); channel.postMessage('changed'); };
    source.addEventListener('changed', tell);
    // What was told while nobody listened is not told again.
    let before = false;
    source.addEventListener('open', () => { if (before) tell(); before = true; });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused for now: another page may try after a while.
      setTimeout(done, 60000);
    });
  }));
}

function live() {
  const place = document.querySelector('[data-live]');
  if (!place || !window.EventSource || !navigator.locks || !window.BroadcastChannel) return;
  let due = null;
  let missed = false;
  const soon = () => {
    if (document.hidden) { missed = true; return; }
    due ??= setTimeout(() => { due = null; look(place).catch(() => {}); }, 1000);
  };
  document.addEventListener('visibilitychange', () => { if (missed && !document.hidden) { missed = false; soon(); } });
  listen(soon);
}

document.addEventListener('keydown', keys);
help();
live();
