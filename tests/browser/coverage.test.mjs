// The coverage map with something on it: the district of Ziliujing has a plan of visits, Bazhou has none.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, until } from './world.mjs';
import { everyWay, launch, signIn, visit } from './browser.mjs';

const [FIRST_TOWN, SECOND_TOWN] = ['510302101', '510302103'];
let world, browser, inspector;

before(async () => {
  [world, browser] = [await World.open({ pack: 'ziliujing', district: '510302' }), await launch()];
  inspector = await world.account('周督查', '510302-discipline', 'inspector', 'zhou');
});

after(async () => {
  await browser?.close();
  await world?.close();
});

/** A concentrated visit of a team: one town on one day. */
const visited = (device, team, town, day, villages) => device.do('new', 'visit', '--set', 'mode=concentrated', '--set', `team=${team}`,
  '--set', 'leader=组长文', '--set', `place=${town}`, '--set', `visited_at=${day}`,
  ...villages.flatMap((village) => ['--append', `villages=${JSON.stringify({ place: `${town}${village}`, people: 20 })}`]));

test('villages that were reached stand out from those that are left, by town and by team, in both languages', async () => {
  const wen = await world.device('文静', '510302-discipline', 'leader');
  await visited(wen, 'first', FIRST_TOWN, '2023-01-12', ['001', '201']);
  await visited(wen, 'first', FIRST_TOWN, '2023-03-09', ['203', '204', '205']);
  await visited(wen, 'second', SECOND_TOWN, '2023-02-16', ['001']);
  await wen.do('sync');
  const context = await visit(browser, { script: false });
  const page = await context.newPage();
  await signIn(page, world.url, inspector);
  await until(async () => {
    await page.goto(`${world.url}/supervision/coverage`);
    return (await page.locator('.tile.reached').count()) === 6;
  });
  assert.equal(await page.locator('.tile.left').count(), 50, 'of 56');
  assert.match(await page.locator('section.coverage h2 .count').innerText(), /^6 \/ 56$/);
  const town = page.locator('.coverage-town').filter({ has: page.locator('.tile', { hasText: '2023-01-12' }).or(page.locator('.tile.reached')) });
  assert.equal(await town.count(), 2, 'two towns');
  assert.match(await page.locator('section.coverage table tbody tr').first().innerText(), /5 \/ 17/);
  await everyWay(browser, await context.storageState(), `${world.url}/supervision/coverage`, 'supervision-coverage-filled');
  await context.close();
});
