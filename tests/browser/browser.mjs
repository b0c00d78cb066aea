// Chromium as a person uses it: pages in both languages, two widths and two colour schemes, judged by axe, kept as
// pictures.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.DOORSTEP_PICTURES;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
export const WIDTHS = { desk: { width: 1280, height: 900 }, phone: { width: 400, height: 800 } };
export const LANGUAGES = ['zh-CN', 'en'];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** A person's own browser. */
export const visit = (browser, { language = 'zh-CN', size = 'desk', script = true, dark = false } = {}) =>
  browser.newContext({
    viewport: WIDTHS[size], locale: language, javaScriptEnabled: script, colorScheme: dark ? 'dark' : 'light',
  });

/** Signs in, and chooses a password where the given one is still in force. */
export async function signIn(page, url, account) {
  await page.goto(`${url}/sign-in`);
  await page.fill('#login', account.login);
  await page.fill('#password', account.chosen ?? account.password);
  await page.locator('form.sheet button').click();
  if (new URL(page.url()).pathname !== '/account') return;
  account.chosen = 'many doors, one sewer';
  await page.fill('#old', account.password);
  await page.fill('#new', account.chosen);
  await page.fill('#again', account.chosen);
  await page.locator('section form.sheet button').click();
}

/** Everything axe finds on the page is listed; there is to be nothing. Without scripts axe would never end. */
export async function accessible(page, name) {
  // The page's own policy lets no script in; the test speaks to it from outside.
  const there = await page.evaluate('Boolean(window.axe)');
  const found = await page.evaluate(`(() => { ${there ? '' : AXE}; return axe.run(document); })()`);
  const told = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
  assert.deepEqual(told, [], `axe on ${name}`);
  assert.ok(found.passes.length > 10, `axe looked at ${name}`);
}

/** Nothing of the page is wider than the window. */
export async function fits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${name} is wider than its window`);
}

/** No line begins with the dot that stands between two pieces of a text. */
export async function dots(page, name) {
  const stray = await page.evaluate(() => {
    const begins = (node) => {
      if (getComputedStyle(node, '::before').content === 'none' || getComputedStyle(node).display !== 'inline') return false;
      const [first] = node.getClientRects();
      const line = node.parentElement.getBoundingClientRect();
      const { paddingInlineStart, borderInlineStartWidth } = getComputedStyle(node.parentElement);
      const left = line.left + parseFloat(paddingInlineStart) + parseFloat(borderInlineStartWidth);
      return first && first.left - left < 2 && first.top - line.top > 8;
    };
    return [...document.querySelectorAll('.sep, .names > * + *')].filter(begins).map((node) => node.parentElement.innerText);
  });
  assert.deepEqual(stray, [], `lines of ${name}`);
}

export async function picture(page, name) {
  if (!PICTURES) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}

/** By browser and language, one context for all looks at pages: a window that is resized costs less than a browser that begins. */
const rooms = new WeakMap();

async function room(browser, language) {
  const known = rooms.get(browser) ?? {};
  rooms.set(browser, known);
  known[language] ??= await visit(browser, { language });
  return known[language];
}

/** The page in both languages, at both widths, and dark: accessible, within its window, and kept as pictures. */
export async function everyWay(browser, state, address, name) {
  for (const language of LANGUAGES) {
    const context = await room(browser, language);
    await context.clearCookies();
    await context.addCookies(state.cookies.filter((cookie) => cookie.name === 'doorstep-desk'));
    const page = await context.newPage();
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200, address);
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    // Contrast in the dark is the same in every language.
    const darkly = language === LANGUAGES[0] ? [['desk', true]] : [];
    for (const [size, dark] of [['desk', false], ...darkly, ['phone', false]]) {
      await page.setViewportSize(WIDTHS[size]);
      // Colours that glide from one scheme to the other are neither while axe looks.
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
      const full = `${name}-${language}-${size}${dark ? '-dark' : ''}`;
      // What is narrow is judged in the language with the longest words.
      if (size === 'desk' || language === LANGUAGES[1]) await accessible(page, full);
      await fits(page, full);
      await dots(page, full);
      await picture(page, full);
    }
    await page.close();
  }
}
