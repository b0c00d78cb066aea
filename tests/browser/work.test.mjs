// Daily work at the desk in a real browser: inbox, lists and search, the case's page and its papers.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, until } from './world.mjs';
import { accessible, everyWay, fits, launch, picture, signIn, visit } from './browser.mjs';

let world, browser, market, li, chen, state;

before(async () => {
  [world, browser] = [await World.open(), await launch()];
  market = await world.market();
  li = await world.account('李娜', '511902-intake', 'reviewer', 'li.na');
  for (const [title, category, extra] of [
    ['三组水沟结冰，老人出行不便', 'water', ['--set', 'urgency=urgent']], ['村道塌方', 'roads', []],
    ['单元楼外墙瓷砖脱落', 'housing', ['--set', 'urgency=danger']], ['养老金未到账', 'social_security', []],
  ]) {
    await market.wang.do('new', 'case', '--set', `title=${title}`, '--set', `category=${category}`, '--set', 'place=511902105',
      '--set', 'person.name=王秀兰', '--set', 'contact_phone=13800138000', ...extra);
  }
  await market.wang.do('new', 'case', '--set', `title=${'A'.repeat(200)}`, '--set', 'category=other', '--set', 'place=511902105',
    '--set', `description=https://example.org/${'x'.repeat(400)}`);
  await market.wang.do('sync');
  // Somebody of the unit that has a case once it has settled.
  let unit;
  await until(async () => {
    await market.wang.do('sync');
    const { items } = await market.wang.do('list');
    const shown = await Promise.all(items.map((item) => market.wang.do('show', item.id)));
    const decided = shown.filter((one) => one.settled.ok && one.decisions.length > 1);
    unit = decided.map((one) => one.decisions.at(-1).unit).find(Boolean);
    return unit;
  });
  chen = await world.account('何平', unit, 'handler', 'he.ping');
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, li);
  state = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await world?.close();
});

test('every page of the daily work is accessible, within its window, in both languages', async () => {
  for (const [name, address] of [
    ['inbox', '/inbox'], ['cases', '/cases'], ['cases-filtered', '/cases?category=water&order=due'], ['cases-none', '/cases?q=nothing'],
    ['day-list', '/inbox/day'], ['ledger', '/cases/ledger'], ['case-page', `/cases/${market.id}`], ['case-file', `/cases/${market.id}/file`],
  ]) {
    await everyWay(browser, state, `${world.url}${address}`, name);
  }
});

/** Sends the search, and waits for its answer. */
const find = (page) => page.locator('.search button').click();

test('a case is found by words, by initials and by a whole number, and a filter is kept', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, li);
  const titles = () => page.locator('table.cases .c-main a').allInnerTexts();
  for (const text of ['水沟', 'sgjb', '水沟结冰']) {
    await page.goto(`${world.url}/cases`);
    await page.fill('#q', text);
    await find(page);
    assert.deepEqual(await titles(), ['三组水沟结冰，老人出行不便'], text);
  }
  await page.fill('#q', '13800138000');
  await find(page);
  assert.equal((await titles()).length, 4);
  await page.fill('#q', '1380013');
  await find(page);
  assert.equal((await titles()).length, 0, 'a part of a number finds nobody');
  await page.goto(`${world.url}/cases?category=roads`);
  await page.fill('#filter-name', '道路');
  await page.getByRole('button', { name: '保存' }).click();
  await page.goto(`${world.url}/cases`);
  await page.locator('.kept a', { hasText: '道路' }).click();
  assert.deepEqual(await titles(), ['村道塌方']);
  await page.locator('table.cases .c-main a').first().click();
  assert.equal(await page.locator('h1').innerText(), '村道塌方');
  await context.close();
});

test('a handler sees what is their turn, and takes the list for the day along', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, chen);
  await until(async () => {
    await page.goto(`${world.url}/inbox`);
    return (await page.locator('.tasks li').count()) >= 1;
  });
  await accessible(page, 'inbox-handler');
  await picture(page, 'inbox-handler-zh-CN');
  await page.goto(`${world.url}/inbox?lang=en`);
  await picture(page, 'inbox-handler-en');
  await page.setViewportSize({ width: 400, height: 800 });
  await fits(page, 'inbox-handler on a telephone');
  await picture(page, 'inbox-handler-en-phone');
  await context.close();
});

test('the forms of a case take names as people know them', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, chen);
  await page.goto(`${world.url}/inbox`);
  await page.locator('.tasks li a').first().click();
  const here = page.url().split('?')[0];
  const opened = async (name) => {
    const form = page.locator('.acts details', { has: page.locator(`input[name=name][value=${name}]`) });
    if ((await form.getAttribute('open')) === null) await form.locator('summary').click();
    return form;
  };
  // A colleague is chosen: nobody is there before, and nothing is sent without one.
  let form = await opened('assign');
  const select = form.locator('select');
  assert.equal(await select.inputValue(), '');
  await form.getByRole('button').click();
  assert.equal(await select.evaluate((one) => one.validity.valueMissing), true);
  await accessible(page, 'case-forms');
  await picture(page, 'case-forms-zh-CN');
  await select.selectOption({ label: '何平' });
  await form.getByRole('button').click();
  await page.waitForURL(/done=acted/);

  for (const [language, none, several] of [['zh-CN', '没有叫“没有这个单位”的单位', '不止一个'], ['en', 'No unit is called “没有这个单位”', 'More than one unit']]) {
    await page.goto(`${here}?lang=${language}`);
    for (const [unit, said] of [['没有这个单位', [none]], ['宝珠村民委员会', [several, '511902105231', '511902204203']], ['宝珠村', ['511902105231']]]) {
      form = await opened('refer');
      await form.locator('[name=arg-unit]').fill(unit);
      await form.locator('[name=arg-reason]').fill('地在他镇');
      await form.getByRole('button').click();
      const told = await page.locator('[role=alert]').innerText();
      for (const part of said) assert.ok(told.includes(part), `${part} in ${told}`);
      assert.equal(await page.locator('#refer-arg-unit').inputValue(), unit);
      assert.equal(await page.locator('#refer-arg-reason').inputValue(), '地在他镇');
    }
    await accessible(page, `case-forms-refused-${language}`);
    await picture(page, `case-forms-refused-${language}`);
  }
  await page.setViewportSize({ width: 400, height: 800 });
  await fits(page, 'case-forms on a telephone');
  await picture(page, 'case-forms-refused-en-phone');
  // What the list writes for one of two is found.
  const listed = await page.locator('#known-units option').evaluateAll((all) => all.map((one) => one.value));
  assert.ok(listed.includes('宝珠村民委员会 511902105231') && listed.includes('化成镇'), 'units are listed by their names');
  await page.locator('#refer-arg-unit').fill(' 化成镇');
  await (await opened('refer')).getByRole('button').click();
  await page.waitForURL(/done=acted|passed=/);
  await context.close();
});

test('a masked number is shown to whoever says why, once, and that is noted', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, li);
  await page.goto(`${world.url}/cases/${market.id}`);
  assert.ok(!(await page.content()).includes('511902199001011234'));
  await page.locator('summary', { hasText: '查看完整号码' }).click();
  await accessible(page, 'reveal-form');
  await page.fill('#reveal-reason', '核对身份证');
  await page.getByRole('button', { name: '查看并留记录' }).click();
  assert.equal(await page.locator('.revealed').innerText(), '511902199001011234');
  await accessible(page, 'revealed');
  await picture(page, 'revealed-zh-CN');
  await page.getByRole('link', { name: '看完了' }).click();
  await page.locator('summary', { hasText: '谁看过完整号码' }).click();
  assert.ok(await page.getByText('核对身份证').isVisible());
  assert.ok(!(await page.content()).includes('511902199001011234'));
  await picture(page, 'case-looked-zh-CN');
  await context.close();
});

test('on a telephone the deadlines of a case are there to the last mark', async () => {
  const context = await visit(browser, { size: 'phone' });
  await context.addCookies(state.cookies.filter((cookie) => cookie.name === 'doorstep-desk'));
  const page = await context.newPage();
  await page.goto(`${world.url}/cases/${market.id}`);
  const last = [page.locator('.p-deadlines tr').last().locator('td').last(), page.locator('.spans:visible .due-mark').last()];
  for (const one of last) {
    const { x, width } = await one.evaluate((node) => node.getBoundingClientRect().toJSON());
    assert.ok(x > 0 && x + width <= 400, `from ${x}, ${width} wide`);
  }
  assert.equal(await page.locator('.spans:visible').count(), 1);
  await context.close();
});

test('papers print: a ledger across, a case file upright, numbers masked', async () => {
  const context = await visit(browser);
  await context.addCookies(state.cookies.filter((cookie) => cookie.name === 'doorstep-desk'));
  const page = await context.newPage();
  for (const [name, address] of [['ledger', '/cases/ledger'], ['case-file', `/cases/${market.id}/file`], ['day-list', '/inbox/day']]) {
    await page.goto(`${world.url}${address}`);
    const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true, path: process.env.DOORSTEP_PICTURES && `${process.env.DOORSTEP_PICTURES}/${name}.pdf` });
    assert.ok(paper.length > 10_000, name);
  }
  await page.emulateMedia({ media: 'print' });
  for (const [address, width] of [['/cases/ledger', 1001], ['/inbox/day', 680], [`/cases/${market.id}/file`, 680]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${world.url}${address}`);
    await fits(page, `${address} on paper`);
    // A word without a space takes nothing from its neighbours: none of their heads stands upright.
    for (const head of await page.locator('.paper th').all()) {
      const { height, width } = await head.boundingBox();
      assert.ok(height < 48 && width > 24, `${await head.innerText()} on ${address}: ${width} wide, ${height} high`);
    }
  }
  const file = await context.request.get(`${world.url}/cases/ledger.xlsx`);
  assert.equal(file.status(), 200);
  assert.equal((await file.body()).subarray(0, 2).toString(), 'PK');
  await context.close();
});
