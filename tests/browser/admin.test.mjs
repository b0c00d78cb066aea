// Administration in a real browser: every page both ways, adding somebody, wiping a device with its receipt.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { World, until } from './world.mjs';
import { LANGUAGES, accessible, everyWay, fits, launch, picture, signIn, visit } from './browser.mjs';

let world, browser, market, boss;

before(async () => {
  [world, browser] = [await World.open(), await launch()];
  market = await world.market(['王秀', '陈明']);
  boss = await world.account('吴敬', '511902', 'admin', 'wu.jing');
});

after(async () => {
  await browser?.close();
  await world?.close();
});

test('a backup is asked for at the desk, made beside the work and held against the invariants', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await page.goto(`${world.url}/admin/backups`);
  await page.getByRole('button', { name: '现在备份' }).click();
  await until(async () => { await page.reload(); return (await page.locator('tbody tr').count()) === 1; });
  assert.match(await page.locator('tbody tr').innerText(), /核对无误[^]*吴敬/);
  assert.ok((await readFile(await page.locator('code.place').innerText())).length > 10_000, 'it is where the page says');
  await context.close();
});

test('every page of administration is accessible, within its window, in both languages', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await page.goto(`${world.url}/admin/health`);
  await page.locator('form[action="/admin/health"] button').click();
  await until(async () => { await page.reload(); return (await page.locator('tbody tr').count()) === 10; });
  const state = await context.storageState();
  await page.goto(`${world.url}/admin/devices`);
  const device = await page.locator('tbody a').first().getAttribute('href');
  await page.goto(`${world.url}/admin/people`);
  const person = await page.locator('tbody a').first().getAttribute('href');
  for (const [name, address] of [
    ['people', '/admin/people'], ['person', person], ['devices', '/admin/devices'], ['device', device],
    ['units', '/admin/units'], ['packs', '/admin/packs'], ['refused', '/admin/refused'],
    ['journal', '/admin/journal'], ['backups', '/admin/backups'], ['health', '/admin/health'],
  ]) {
    await everyWay(browser, state, `${world.url}${address}`, `admin-${name}`);
  }
  await context.close();
});

test('what is wrong with a pack is said in the language of whoever reads it, and nothing is put in force', async () => {
  const pack = path.join(world.folder, 'wrong-pack');
  await cp(new URL('../../deploy/policies/bazhou', import.meta.url), pack, { recursive: true });
  const rules = path.join(pack, 'policy.toml');
  const text = await readFile(rules, 'utf8');
  await writeFile(rules, text.replace('quiet = "PT2M"', 'quiet = "P2M"').replace('beyond = ["', 'beyond = ["mayor", "'));
  const said = { 'zh-CN': /“quiet”写的是 "P2M"，不是时长[^]*mayor/, en: /quiet[^]*"P2M"[^]*mayor/ };
  for (const language of LANGUAGES) {
    for (const size of ['desk', 'phone']) {
      const context = await visit(browser, { language, size });
      const page = await context.newPage();
      await signIn(page, world.url, boss);
      await page.goto(`${world.url}/admin/packs`);
      await page.locator('#files').setInputFiles(pack);
      await page.locator('form[enctype] button').click();
      const name = `admin-packs-refused-${language}-${size}`;
      assert.match(await page.locator('main').innerText(), said[language]);
      assert.equal(await page.locator('tbody tr').count(), 1, 'the version in force is the one that was');
      await accessible(page, name);
      await fits(page, name);
      await picture(page, name);
      await context.close();
    }
  }
});

test('somebody is added without a script, and the code enrols a device', async () => {
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await page.goto(`${world.url}/admin/people`);
  await page.fill('#name', '林晓');
  await page.fill('#unit', '511902105');
  await page.selectOption('#role', 'worker');
  await page.getByRole('button', { name: '添加人员' }).click();
  assert.ok(await page.locator('.qr svg').isVisible());
  await picture(page, 'admin-invited-zh-CN');
  const code = await page.locator('.invited .big code').innerText();
  const lin = world.store('林晓');
  await lin.do('enrol', world.url, code);
  await lin.do('sync');
  await context.close();
});

test('a device is wiped: it sends what is on it, gives everything up, and the receipt is there', async () => {
  const context = await visit(browser);
  const page = await context.newPage();
  await signIn(page, world.url, boss);
  await market.wang.do('edit', market.id, '--set', 'contact_phone=13800138000');
  await page.goto(`${world.url}/admin/people?q=${encodeURIComponent('王秀')}`);
  await page.locator('tbody a').first().click();
  await page.locator('.plain-list a').first().click();
  await page.fill('#why', '换新机');
  await page.getByRole('button', { name: '清除' }).click();
  assert.ok(await page.getByText('设备下次连接时得知').isVisible());
  await until(async () => {
    await market.wang.do('sync').catch(() => {});
    await page.reload();
    return (await page.locator('main').innerText()).includes('回执：已交出');
  });
  await picture(page, 'admin-wiped-zh-CN');
  await accessible(page, 'admin-wiped');
  await market.chen.do('sync');
  assert.match((await market.chen.do('show', market.id)).fields.contact_phone, /138/, 'what was on it has come');
  await context.close();
});
