// The desk in a real browser: each page's main job, in both languages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, until } from './world.mjs';
import { accessible, everyWay, launch, picture, signIn, visit } from './browser.mjs';

let world, browser, market, li;

before(async () => {
  [world, browser] = [await World.open(), await launch()];
  market = await world.market();
  li = await world.account('李娜', '511902-intake', 'reviewer', 'li.na');
});

after(async () => {
  await browser?.close();
  await world?.close();
});

test('a new account chooses its password and comes to the desk', async () => {
  for (const language of ['zh-CN', 'en']) {
    const context = await visit(browser, { language });
    const page = await context.newPage();
    await page.goto(`${world.url}/sign-in`);
    await accessible(page, `sign-in-${language}`);
    await picture(page, `sign-in-${language}`);
    await page.fill('#login', 'li.na');
    await page.fill('#password', 'not this one');
    await page.locator('form.sheet button').click();
    assert.equal(await page.inputValue('#login'), 'li.na', 'what was typed is kept');
    assert.ok(await page.getByRole('alert').isVisible());
    await accessible(page, `sign-in-wrong-${language}`);
    await signIn(page, world.url, li);
    await page.goto(`${world.url}/`);
    assert.equal(new URL(page.url()).pathname, '/');
    await context.close();
  }
});

test('every page is accessible, within its window, in both languages', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, li);
  const state = await context.storageState();
  for (const [name, address] of [
    ['queue', '/conflicts'], ['conflict', `/conflicts/${market.id}.place`], ['case', `/cases/${market.id}`],
    ['account', '/account'],
  ]) {
    await everyWay(browser, state, `${world.url}${address}`, name);
  }
  await context.close();
});

test('a reviewer finishes a conflict without a script, and the devices receive it', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, li);
  await page.goto(`${world.url}/conflicts`);
  await page.locator('table.queue a').first().click();
  await page.getByRole('button', { name: '看看会怎样' }).click();
  assert.ok(await page.getByRole('alert').isVisible(), 'an empty form is told what is missing');
  // The place inside the town: with the other one, the town's devices give the case up.
  const inside = page.locator('label.side', { hasText: '511902105001' }).locator('input[name=choice]');
  await inside.check();
  const chosen = await inside.inputValue();
  await page.locator('input[name=why]').first().check();
  await page.getByRole('button', { name: '看看会怎样' }).click();
  const promised = await page.locator('.follows .big').first().innerText();
  await page.getByRole('button', { name: '确认并记录' }).click();
  assert.ok(await page.getByText('已裁定为').isVisible());
  await page.goto(`${world.url}/cases/${market.id}`);
  // It is decided as promised, once it has been quiet for a second.
  await until(async () => {
    await page.reload();
    return (await page.locator('.turn-who').innerText()).includes(promised);
  });
  await context.close();

  assert.match(chosen, /^[0-9a-f]{64}$/);
  const places = async (device) => { await device.do('sync'); return (await device.do('show', market.id)); };
  await until(async () => (await places(market.wang)).conflicts.length === 0);
  await until(async () => (await places(market.chen)).conflicts.length === 0);
  const [wang, chen] = [await places(market.wang), await places(market.chen)];
  assert.deepEqual([wang.fields.place, chen.fields.place], ['511902105001', '511902105001']);
});

test('an absent case and somebody else\'s look alike', async () => {
  const stranger = await world.account('周强', '511902106-centre', 'reviewer', 'zhou');
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, stranger);
  const texts = [];
  for (const id of [market.id, '01890a5d-ac96-774b-bcce-b302099a8057']) {
    const answer = await page.goto(`${world.url}/cases/${id}`);
    assert.equal(answer.status(), 404);
    texts.push(await page.locator('main').innerText());
  }
  assert.equal(texts[0], texts[1]);
  await accessible(page, 'not-found');
  await picture(page, 'not-found-zh-CN');
  await page.goto(`${world.url}/cases/${market.id}?lang=en`);
  await picture(page, 'not-found-en');
  await context.close();
});

test('a session that is ended elsewhere keeps what was typed', async () => {
  const again = await world.market(['王芳', '陈静']);
  const [here, there] = [await visit(browser), await visit(browser)];
  const [page, other] = [await here.newPage(), await there.newPage()];
  await signIn(page, world.url, li);
  await signIn(other, world.url, li);
  await page.goto(`${world.url}/conflicts/${again.id}.place`);
  await page.locator('input[name=choice]').first().check();
  await page.locator('input[name=why][value=other]').check();
  await page.locator('[name=reason]:visible').first().fill('已到现场核对门牌');
  await page.getByRole('button', { name: '看看会怎样' }).click();
  assert.ok(await page.locator('.follows').isVisible());
  await accessible(page, 'preview');
  await picture(page, 'preview-zh-CN');
  await other.goto(`${world.url}/account`);
  const rows = other.locator('tbody tr', { hasNotText: '当前浏览器' });
  while (await rows.count()) await rows.first().getByRole('button').click();
  await page.getByRole('button', { name: '确认并记录' }).click();
  assert.equal(new URL(page.url()).pathname.startsWith('/conflicts/'), true);
  await page.fill('#login', li.login);
  await page.fill('#password', li.chosen);
  await page.locator('form.sheet button').click();
  assert.equal(await page.locator('[name=reason]:visible').first().inputValue(), '已到现场核对门牌');
  await here.close();
  await there.close();
});
