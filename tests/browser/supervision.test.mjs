// Supervision in a real browser: what is stuck, a spot check from seed to finding, the weekly account, in both languages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { World, until } from './world.mjs';
import { accessible, everyWay, launch, picture, signIn, visit } from './browser.mjs';

const TOWN = '511902105';
const VILLAGE = '511902105001';
let world, browser, inspector, centre;

// Deadlines that have passed when they are set, and a draw whose cut-off is at once: real time does not wait for a test.
const CHANGES = [
  ['due = { any = { hours = 24 } }\nladder = "urgent"', 'due = { any = { hours = 0 } }\nladder = "urgent"'],
  ['at_least = { hours = 24 }', 'at_least = { hours = 0 }'],
  ['notice = "PT10M"', 'notice = "PT0S"'],
];

/** What a device knows to have been decided: nothing, where it does not hold the case. */
async function decisions(device, id) {
  const { items } = await device.do('list');
  return items.some((item) => item.id === id) ? (await device.do('show', id)).decisions : [];
}

/** The leader in charge signs at the desk, without a script; signing again, or as the other leader, is refused by the page. */
async function signedAtTheDesk(id) {
  const leader = await world.account('周副镇长', TOWN, 'leader', 'zhou');
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, leader);
  const form = page.locator('details').filter({ hasText: '签名：分管领导' });
  await until(async () => { await page.goto(`${world.url}/cases/${id}`); return (await form.count()) === 1; });
  await form.locator('summary').click();
  await everyWay(browser, await context.storageState(), page.url(), 'case-sign');
  await everyWay(browser, await context.storageState(), `${world.url}/inbox`, 'inbox-sign');
  await form.getByRole('button').click();
  assert.match(await page.locator('[role=status]').first().innerText(), /已签名/);
  await until(async () => { await page.goto(`${world.url}/cases/${id}`); return (await form.count()) === 0; });
  assert.match(await page.locator('.not-now').innerText(), /签名：分管领导[^]*已经有了[^]*签名：主要领导[^]*一人不能签两方/);
  await context.close();
}

/** Whoever may verify is asked to, in the inbox. */
async function askedToVerify() {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, centre);
  await until(async () => { await page.goto(`${world.url}/inbox`); return (await page.locator('h2#verify').count()) === 1; });
  await everyWay(browser, await context.storageState(), page.url(), 'inbox-verify');
  await context.close();
}

/** A case of the village, closed with four signatures: whose, and what was shown. */
async function closed() {
  const wang = await world.device('王敏', VILLAGE);
  const principal = await world.device('郑镇长', TOWN, 'leader');
  const checker = await world.device('何核实', `${TOWN}-centre`, 'handler');
  const made = await wang.do('new', 'case', '--set', 'title=水沟堵塞', '--set', 'category=water',
    '--set', 'severity=light', '--set', `place=${VILLAGE}`);
  const photo = path.join(world.folder, 'after.png');
  await writeFile(photo, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'));
  const stands = (device, step) => until(async () => {
    await device.do('sync');
    return (await decisions(device, made.id)).at(-1)?.step === step;
  });
  await wang.do('sync');
  await stands(wang, 'handle');
  await wang.do('attach', made.id, photo);
  await wang.do('act', made.id, 'accept');
  await wang.do('edit', made.id, '--set', 'outcome=已疏通');
  await wang.do('sync');
  await wang.do('act', made.id, 'claim');
  await wang.do('sync');
  await stands(checker, 'verify');
  await askedToVerify();
  await checker.do('act', made.id, 'verify', '--set', 'result=pass');
  await checker.do('sync');
  const li = await world.device('李华', VILLAGE);
  await stands(li, 'sign');
  await signedAtTheDesk(made.id);
  const signers = [[li, 'person'], [wang, 'handler'], [principal, 'principal_leader']];
  for (const [device, role] of signers) {
    await stands(device, 'sign');
    await device.do('sign', made.id, role);
    await device.do('sync');
  }
  await stands(checker, 'callback');
  return { id: made.id, wang, checker };
}

before(async () => {
  [world, browser] = [await World.open({ changes: CHANGES }), await launch()];
  inspector = await world.account('吴督查', '511902-supervision', 'inspector', 'wu');
  centre = await world.account('何主任', `${TOWN}-centre`, 'reviewer', 'he');
});

after(async () => {
  await browser?.close();
  await world?.close();
});

test('ten seconds: what is stuck, where and why, and whoever has it is urged', async () => {
  await world.market(['赵强', '陈刚']);
  const device = await world.device('孙丽', VILLAGE);
  for (const [title, category] of [['井盖缺失', 'facilities'], ['塘坝渗漏', 'water'], ['危房裂缝', 'housing']]) {
    await device.do('new', 'case', '--set', `title=${title}`, '--set', `category=${category}`,
      '--set', 'urgency=urgent', '--set', `place=${VILLAGE}`);
  }
  const doors = ['甲户', '乙户', '丙户'];
  for (const title of doors) {
    await device.do('new', 'case', '--set', `title=${title}：下水道堵`, '--set', 'category=environment', '--set', `place=${VILLAGE}`);
  }
  await device.do('sync');
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, inspector);
  const head = (kind) => page.locator(`.heads .b-${kind} b`).innerText();
  await until(async () => {
    await page.goto(`${world.url}/supervision`);
    return Number(await head('overdue')) >= 3 && Number(await head('review')) >= 1;
  });
  const overdue = Number(await head('overdue'));
  const cells = await page.locator('table.counts').first().locator('tbody tr td:nth-child(2)').allInnerTexts();
  assert.equal(cells.map(Number).reduce((a, b) => a + b, 0), overdue, 'the table adds up to the number');
  await page.locator('.heads .b-overdue a').click();
  assert.equal(await page.locator('table.watched tbody tr').count(), overdue, 'the number leads to what it counts');
  const row = page.locator('table.watched tbody tr', { hasText: '井盖缺失' });
  await row.locator('summary').click();
  await row.locator('input[name=reason]').fill('台账第 12 号');
  await row.locator('form button').click();
  assert.ok(await page.getByRole('status').isVisible());
  const after = page.locator('table.watched tbody tr', { hasText: '井盖缺失' });
  assert.match(await after.innerText(), /已督办 1 次/);
  await context.close();
});

test('a spot check from the seed to the finding, and anybody may draw again', async () => {
  const { id, wang, checker } = await closed();
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, inspector);
  await page.goto(`${world.url}/supervision/draws`);
  await page.getByRole('button', { name: /锁定种子/ }).click();
  const commitment = await page.locator('.proof code').first().innerText();
  await until(async () => {
    await page.reload();
    return (await page.getByRole('button', { name: '抽签', exact: true }).count()) === 1;
  });
  await page.fill('#words', '今天有雾');
  await page.getByRole('button', { name: '抽签', exact: true }).click();
  assert.equal(await page.locator('.proof code').first().innerText(), commitment, 'what was fixed stands');
  const answer = await context.request.get(`${page.url().split('?')[0]}/population`);
  assert.equal((await answer.text()).trim(), id);
  const before = (await decisions(checker, id)).length;
  await checker.do('sync');
  assert.equal((await decisions(checker, id)).length, before, 'who has it learns nothing yet');
  await page.locator('main summary').first().click();
  await page.getByRole('radio', { name: '假化解' }).check();
  await page.locator('main details input.line').first().fill('现场仍有积水');
  await page.locator('main details form button').first().click();
  assert.match(await page.locator('main table').innerText(), /假化解/);
  await until(async () => {
    await wang.do('sync');
    return (await decisions(wang, id)).at(-1)?.directive === 'redo';
  });
  await context.close();
});

test('a unit accounts for its week and a supervisor judges it', async () => {
  const [theirs, ours] = [await visit(browser, { script: false }), await visit(browser, { script: false })];
  const [page, other] = [await theirs.newPage(), await ours.newPage()];
  await signIn(page, world.url, centre);
  await page.goto(`${world.url}/supervision/accounts`);
  assert.equal(await page.locator('table tbody tr').count(), 1, 'a unit sees its own');
  await page.fill('#account-note', '本周疏通水沟一处');
  const boxes = page.locator('section.sheet input[type=checkbox]');
  if (await boxes.count()) await boxes.first().check();
  await page.locator('section.sheet form button').click();
  assert.ok(await page.getByRole('status').isVisible());
  await signIn(other, world.url, inspector);
  await other.goto(`${world.url}/supervision/accounts`);
  assert.equal(await other.locator('table tbody tr').count(), 22, 'who is missing shows');
  const row = other.locator('tbody tr', { hasText: '本周疏通水沟一处' });
  await row.locator('summary').click();
  await row.getByRole('button', { name: '认可' }).click();
  assert.match(await other.locator('tbody tr', { hasText: '本周疏通水沟一处' }).innerText(), /认可/);
  await theirs.close();
  await ours.close();
});

test('many doors about one sewer are put under the earliest', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, centre);
  await page.goto(`${world.url}/supervision/signals`);
  const cluster = page.locator('article.signal', { hasText: '下水道堵' });
  assert.equal(await cluster.locator('li').count(), 3);
  await picture(page, 'supervision-signals-cluster');
  await cluster.getByRole('button', { name: '并案' }).click();
  assert.ok(await page.getByRole('status').isVisible());
  assert.equal(await page.locator('article.signal', { hasText: '下水道堵' }).count(), 0);
  await context.close();
});

test('every page of supervision is accessible, within its window, in both languages', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, inspector);
  const state = await context.storageState();
  await page.goto(`${world.url}/supervision/draws`);
  const draw = await page.locator('table a').first().getAttribute('href');
  for (const [name, address] of [
    ['supervision', '/supervision'], ['ledger', '/supervision/ledger'], ['draws', '/supervision/draws'],
    ['draw', draw], ['accounts', '/supervision/accounts'], ['rates', '/supervision/rates'],
    ['signals', '/supervision/signals'], ['coverage', '/supervision/coverage'],
  ]) {
    await everyWay(browser, state, `${world.url}${address}`, `supervision-${name}`);
  }
  await context.close();
});

test('who supervises nothing finds nothing', async () => {
  const handler = await world.account('邹经办', TOWN, 'handler', 'zou');
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, handler);
  for (const address of ['/supervision', '/supervision/ledger', '/supervision/draws', '/supervision/rates', '/supervision/signals']) {
    const answer = await page.goto(`${world.url}${address}`);
    assert.equal(answer.status(), 404, address);
  }
  await accessible(page, 'supervision-none');
  await context.close();
});
