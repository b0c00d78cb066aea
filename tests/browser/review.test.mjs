// Conflict review in a real browser: the queue, taking a conflict, two reviewers at once, keys, practice.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, until } from './world.mjs';
import { accessible, everyWay, launch, picture, signIn, visit } from './browser.mjs';

let world, browser, market, li, sun;

before(async () => {
  [world, browser] = [await World.open(), await launch()];
  market = await world.market(['王秀', '陈明']);
  li = await world.account('李娜', '511902-intake', 'reviewer', 'li.na');
  sun = await world.account('孙悦', '511902-intake', 'reviewer', 'sun.yue');
});

after(async () => {
  await browser?.close();
  await world?.close();
});

async function desk(account, options = {}) {
  const context = await visit(browser, options);
  const page = await context.newPage();
  await signIn(page, world.url, account);
  return { context, page };
}

test('the queue and what is around a conflict are accessible in both languages', async () => {
  const { context, page } = await desk(li);
  const state = await context.storageState();
  await everyWay(browser, state, `${world.url}/conflicts`, 'conflicts');
  await everyWay(browser, state, `${world.url}/conflicts/practice`, 'practice');
  await page.goto(`${world.url}/conflicts/${market.id}.place`);
  for (const summary of await page.locator('.tools summary').all()) await summary.click();
  await accessible(page, 'conflict-tools');
  await picture(page, 'conflict-tools-zh-CN');
  await context.close();
});

test('one reviewer takes a conflict, hands it over, and the other is told who has it open', async () => {
  const [first, second] = [await desk(li, { script: false }), await desk(sun, { script: false })];
  const address = `${world.url}/conflicts/${market.id}.place`;
  await first.page.goto(address);
  await first.page.getByRole('button', { name: '我来审' }).click();
  await first.page.goto(`${world.url}/conflicts?view=mine`);
  assert.equal(await first.page.locator('table.queue tbody tr').count(), 1);
  await second.page.goto(address);
  assert.ok(await second.page.getByText(/李娜 \d\d:\d\d打开过/).isVisible());
  await first.page.goto(address);
  await first.page.getByText('转交', { exact: true }).first().click();
  await first.page.selectOption('#give-to', { label: /孙悦/ }).catch(async () => {
    const label = (await first.page.locator('#give-to option').allTextContents()).find((text) => text.includes('孙悦'));
    await first.page.selectOption('#give-to', { label });
  });
  await first.page.locator('button[value=give]').click();
  await second.page.goto(`${world.url}/conflicts?view=mine`);
  assert.equal(await second.page.locator('table.queue tbody tr').count(), 1);
  await first.context.close();
  await second.context.close();
});

test('a worker is asked, and finds the question on the device', async () => {
  const { context, page } = await desk(sun, { script: false });
  await page.goto(`${world.url}/conflicts/${market.id}.place`);
  await page.getByText('询问走访人员', { exact: true }).first().click();
  const label = (await page.locator('#ask-whom option').allTextContents()).find((text) => text.includes('王秀'));
  await page.selectOption('#ask-whom', { label });
  await page.fill('#ask-what', '门牌属哪个镇？');
  await page.locator('button[value=ask]').click();
  assert.ok(await page.getByText('等王秀回复').first().isVisible());
  await picture(page, 'conflict-asked-zh-CN');
  await until(async () => {
    await market.wang.do('sync');
    return JSON.stringify((await market.wang.do('show', market.id)).fields.log ?? '').includes('门牌属哪个镇');
  });
  await context.close();
});

test('by keys alone: 1 chooses, Ctrl+Enter goes on, ? tells; single keys can be switched off', async () => {
  const { context, page } = await desk(li);
  await page.goto(`${world.url}/conflicts/practice`);
  await page.keyboard.press('?');
  assert.ok(await page.locator('#keys').isVisible());
  await accessible(page, 'keys');
  await page.keyboard.press('1');
  assert.equal(await page.locator('input[name=choice]:checked').count(), 0, 'nothing is chosen behind the window');
  await picture(page, 'keys-zh-CN');
  await page.evaluate(() => { window.same = true; });
  await page.keyboard.press('Control+Enter');
  await page.locator('#keys input').uncheck();
  await page.getByRole('button', { name: '关闭' }).click();
  await page.keyboard.press('1');
  assert.equal(await page.locator('input[name=choice]:checked').count(), 0, 'they are off');
  await page.locator('#keys-open').click();
  await page.locator('#keys input').check();
  await page.getByRole('button', { name: '关闭' }).click();
  assert.ok(await page.evaluate(() => window.same), 'nothing is sent from behind the window');
  await page.keyboard.press('2');
  assert.equal(await page.locator('input[name=choice]:checked').getAttribute('value'), 'b');
  await page.locator('input[name=why]').first().check();
  await page.keyboard.press('Control+Enter');
  await page.locator('.follows').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('若是真的').first().waitFor();
  await context.close();
});

test('whoever asks what would follow lands on the answer, wide and narrow, with the script and without', async () => {
  for (const script of [true, false]) {
    for (const [width, height] of [[1280, 900], [390, 800]]) {
      const { context, page } = await desk(li, { script });
      await page.setViewportSize({ width, height });
      for (const address of ['/conflicts/practice', `/conflicts/${market.id}.place`]) {
        await page.goto(`${world.url}${address}`);
        await page.locator('input[name=choice]').first().check();
        await page.locator('input[name=why]').first().check();
        await page.getByRole('button', { name: '看看会怎样' }).click();
        await page.locator('.follows:focus').waitFor();
        const box = await page.locator('.follows').boundingBox();
        const seen = box.y >= 0 && box.y + box.height <= height;
        assert.ok(seen, `${address} at ${width}: from ${box.y}, ${box.height} high`);
      }
      await context.close();
    }
  }
});

test('two reviewers at once: the second sees the decision and keeps what was typed; it is changed again', async () => {
  const [first, second] = [await desk(li), await desk(sun)];
  const address = `${world.url}/conflicts/${market.id}.place`;
  for (const { page } of [first, second]) await page.goto(address);
  const choose = async (page, code, reason) => {
    await page.locator('label.side', { hasText: code }).locator('input[name=choice]').check();
    await page.locator('input[name=why][value=other]').check();
    await page.fill('#reason', reason);
  };
  await choose(first.page, '511902105001', '看过门牌');
  await choose(second.page, '511902104', '问过村里');
  for (const { page } of [first, second]) await page.getByRole('button', { name: '看看会怎样' }).click();
  await first.page.getByRole('button', { name: '确认并记录' }).click();
  assert.ok(await first.page.getByText('已裁定为').isVisible());
  await picture(first.page, 'conflict-decided-zh-CN');
  await accessible(first.page, 'conflict-decided');
  await second.page.getByRole('button', { name: '确认并记录' }).click();
  assert.ok(await second.page.getByText('您填写时已有人作出裁定').isVisible());
  assert.equal(await second.page.inputValue('#reason'), '问过村里');
  await picture(second.page, 'conflict-lost-zh-CN');
  await accessible(second.page, 'conflict-lost');
  await second.page.getByRole('button', { name: '看看会怎样' }).click();
  await second.page.getByRole('button', { name: '确认并记录' }).click();
  await until(async () => {
    await market.wang.do('sync');
    return (await market.wang.do('show', market.id)).fields.place === '511902104';
  });
  await first.context.close();
  await second.context.close();
});

test('news is told without moving anything', async () => {
  const { context, page } = await desk(li);
  await page.goto(`${world.url}/conflicts`);
  const before = await page.locator('main').innerText();
  const more = await world.market(['王云', '陈海']);
  await page.locator('.news a').waitFor({ timeout: 60000 });
  assert.match(await page.locator('.news').innerText(), /新增1件/);
  await picture(page, 'conflicts-news-zh-CN');
  assert.ok(!(await page.locator('main').innerText()).includes(`${more.id}`));
  await page.locator('.news a').click();
  assert.equal(await page.locator('table.queue tbody tr').count(), 1);
  assert.ok(before.length > 0);
  await context.close();
});
