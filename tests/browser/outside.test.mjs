// What goes outside, in a real browser: addresses that are told, a lead handed over, and leave that somebody else enters.
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, until } from './world.mjs';
import { everyWay, launch, signIn, visit } from './browser.mjs';

let world, browser, boss, inspector, lead, office;
const letters = [];

/** Somebody who is told: what is about the first case arrives, and the next is refused for ever. */
const receive = () => new Promise((open) => {
  const server = createServer((request, answer) => {
    letters.push(request.headers['webhook-id']);
    request.resume();
    answer.writeHead(letters.length === 2 ? 410 : 204).end();
  });
  server.listen(0, '127.0.0.1', () => open(server));
});

const hook = (name, port) => `[[hooks]]\nname = "${name}"\ndistrict = "511902"\nform = "event"\nurl = "http://127.0.0.1:${port}/"\n`;

/** Whether so many letters have come; whoever asks lets the receiver have its turn. */
const told = async (many) => { await turn(); return letters.length >= many; };

/** A context with somebody's cookie, for every way of a page. */
async function stateOf(account) {
  const context = await visit(browser);
  await signIn(await context.newPage(), world.url, account);
  const state = await context.storageState();
  await context.close();
  return state;
}

before(async () => {
  office = await receive();
  // Nobody listens at the second address.
  const config = hook('office', office.address().port) + hook('gone', 1);
  [world, browser] = [await World.open({ config }), await launch()];
  boss = await world.account('吴敬', '511902', 'admin', 'wu.jing');
  inspector = await world.account('郑纪检', '511902-discipline', 'handler', 'zheng');
  const wang = await world.device('王秀');
  const add = async (title, category, ...more) => (await wang.do('new', 'case', '--set', `title=${title}`, '--set', `category=${category}`,
    '--set', 'place=511902105', '--set', 'severity=light', ...more)).id;
  const settled = (id) => until(async () => { await wang.do('sync'); return (await wang.do('show', id)).decisions.length > 1; });
  for (const title of ['村道塌方', '路灯不亮', '水沟堵塞']) await settled(await add(title, 'roads'));
  lead = await add('村文书截留塘坝款', 'conduct', '--set', 'subject=周强', '--set', 'person.name=陈小兰');
  await wang.do('sync');
});

after(async () => {
  office?.closeAllConnections();
  office?.close();
  await browser?.close();
  await world?.close();
});

test('what addresses were told is listed, and what did not arrive is sent again under its id', async () => {
  await until(() => told(3));
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await until(async () => {
    await page.goto(`${world.url}/admin/hooks`);
    return (await page.locator('tbody tr', { hasText: 'office' }).filter({ hasText: '对方已收' }).count()) === 2
      && (await page.locator('tbody tr', { hasText: 'gone' }).filter({ hasText: '对方无人应答' }).count()) === 3;
  });
  const state = await context.storageState();
  await everyWay(browser, state, `${world.url}/admin/hooks`, 'admin-hooks');
  await page.goto(`${world.url}/admin/hooks?view=undelivered`);
  assert.match(await page.locator('tbody').innerText(), /没有送达[^]*HTTP 410/);
  await page.getByRole('button', { name: '再发一次' }).click();
  assert.ok(await page.getByText('已安排再次发送').isVisible());
  await until(() => told(4));
  assert.equal(letters[3], letters[1], 'whoever keeps ids knows it');
  await page.goto(`${world.url}/admin/journal`);
  assert.ok(await page.getByText('再次对外告知').isVisible());
  await context.close();
});

test('a lead is handed over without a script, and what may not be told is said on the form', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, inspector);
  await until(async () => { await page.goto(`${world.url}/cases/${lead}`); return (await page.locator('a[href$="/hand-over"]').count()) === 1; });
  await page.locator('a[href$="/hand-over"]').click();
  await everyWay(browser, await context.storageState(), page.url(), 'hand-over');
  await page.fill('#matter', '陈小兰反映塘坝漏水');
  await page.selectOption('#category', 'water');
  await page.locator('form.sheet button').click();
  assert.match(await page.locator('[role=alert]').innerText(), /透露了反映人/);
  await page.fill('#matter', '两口山坪塘漏水，请先抽水保灌');
  await page.locator('form.sheet button').click();
  assert.match(await page.locator('[role=status]').first().innerText(), /已作为公开件另行交办/);
  await context.close();
});

test('an administrator enters leave for somebody else, and ends it', async () => {
  await world.enrol('郝平', '511902105-centre', 'handler');
  await world.enrol('何平', '511902105-centre', 'handler');
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await page.goto(`${world.url}/account`);
  await page.getByRole('link', { name: '为他人登记休假' }).click();
  await page.fill('input[name=q]', '郝平');
  await page.getByRole('button', { name: '查找人员' }).click();
  const state = await stateOf(boss);
  await everyWay(browser, state, page.url(), 'leave-found');
  await page.getByRole('link', { name: '郝平' }).click();
  await everyWay(browser, state, page.url(), 'leave-of-one');
  const day = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
  await page.fill('#from', day(0));
  await page.fill('#until', day(3));
  await page.selectOption('#deputy', { index: 1 });
  await page.locator('form.sheet button').click();
  await everyWay(browser, state, `${world.url}/leave`, 'leave-of-others');
  assert.match(await page.locator('tbody').innerText(), /郝平[^]*何平/);
  await page.getByRole('button', { name: '提前结束' }).click();
  assert.equal(await page.locator('tbody tr').count(), 0);
  await context.close();
});
