// Each operation of the API called as it is meant, by each role that may: what a fuzzer finds only by chance. Data that
// fits comes from devices and from what the API said before.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from './world.mjs';

const TOWN = '511902105';
const WRITERS = ['worker', 'handler', 'reviewer', 'leader', 'inspector', 'admin'];
const REVIEW = ['reviewer', 'leader', 'admin'];
const DESK = ['handler', ...REVIEW, 'inspector', 'auditor'];
const SUPERVISE = ['reviewer', 'leader', 'inspector', 'auditor'];
const INSPECT = [...SUPERVISE, 'admin'];
const ALL = ['worker', ...DESK];
/** Who has what may be told of a lead handled outside. */
const INSIDE = ['handler', 'leader', 'inspector'];
/** Who draws, judges and publishes: inspectors and leaders of the unit that the pack sets over the district. */
const ACTS = ['inspector'];

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const now = () => new Date();
const later = (days) => new Date(Date.now() + days * 86400000).toISOString();
const key = () => Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x, 'base64url').toString('hex');

/** Somebody of this role with a token and, where they write, a device; and beside them what the operations are about. */
async function scene(world, role, unit) {
  const name = `事${role}`;
  const writes = WRITERS.includes(role);
  const device = writes ? await world.device(name, unit, role) : undefined;
  const { worker } = await world.enrol(name, unit, role);
  const token = await world.token(worker);
  const boss = await world.token((await world.enrol('吴敬', '511902', 'admin')).worker);
  const market = await world.market([`甲${role}`, `乙${role}`]);
  await market.chen.do('checkout', market.id, '--until', later(1));
  await market.chen.do('sync');
  const first = Number((await world.enrol(`甲${role}`, TOWN, 'worker')).worker.replace(/^w/, ''));
  const author = device ?? market.wang;
  const visit = await author.do('new', 'visit', '--set', 'mode=home', '--set', `place=${TOWN}`);
  const plain = await author.do('new', 'case', '--set', 'title=路灯不亮', '--set', 'category=roads', '--set', `place=${TOWN}`);
  const lead = await author.do('new', 'case', '--set', 'title=截留塘坝款', '--set', 'category=conduct', '--set', `place=${TOWN}`);
  const actions = ['夜市油烟', '清沟'].flatMap((what) => ['--append', `actions=${JSON.stringify({ what, unit: TOWN })}`]);
  const meeting = await author.do('new', 'meeting', '--set', 'format=joint', ...actions);
  await author.do('sync');
  return { world, role, unit, worker, token, boss, market, first, visit: visit.id, meeting: meeting.id, plain: plain.id, lead: lead.id };
}

/** A change of a device that was withdrawn for cause. */
async function refused({ world, role, boss }, call) {
  const device = await world.device(`丙${role}`, TOWN, 'worker');
  const { worker } = await world.enrol(`丙${role}`, TOWN, 'worker');
  let id;
  for (let after; ;) {
    const page = (await call('GET', `/api/v1/devices${after ? `?after=${after}` : ''}`, undefined, boss)).body;
    id = page.items.find((item) => `w${item.worker}` === worker || item.worker === worker)?.id ?? id;
    if (id || !page.next) break;
    after = page.next;
  }
  await call('POST', `/api/v1/devices/${id}/leaving`, { how: 'hold_back', reason: '核查' }, boss);
  await device.do('new', 'case', '--set', 'title=桥面开裂', '--set', 'category=roads', '--set', `place=${TOWN}`);
  await device.do('sync').catch(() => {});
  return id;
}

/** A case of the village that is claimed to be resolved, so that it may be signed. */
async function claimed({ world, role }) {
  const village = `${TOWN}001`;
  const wang = await world.device(`壬${role}`, village, 'worker');
  const made = await wang.do('new', 'case', '--set', 'title=水沟堵塞', '--set', 'category=water',
    '--set', 'severity=light', '--set', `place=${village}`);
  const stands = (step) => until(async () => {
    await wang.do('sync');
    const { items } = await wang.do('list');
    return items.some((item) => item.id === made.id) && (await wang.do('show', made.id)).decisions.at(-1)?.step === step;
  });
  await stands('handle');
  const photo = path.join(world.folder, `after-${role}.png`);
  await writeFile(photo, PIXEL);
  await wang.do('attach', made.id, photo);
  await wang.do('act', made.id, 'accept');
  await wang.do('edit', made.id, '--set', 'outcome=已疏通');
  await wang.do('sync');
  await wang.do('act', made.id, 'claim');
  await stands('verify');
  return made.id;
}

/** Calls every operation that a role may call. Gives, by its name in the description, whether it answered 2xx. */
export async function asMeant(world, role, unit) {
  const told = await scene(world, role, unit);
  const call = async (method, path, body, token = told.token) => {
    const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await fetch(world.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const device = await refused(told, call);
  const get = (path) => call('GET', path);
  const post = (path, body = {}) => call('POST', path, body);
  const { market, meeting, visit, plain } = told;
  const conflict = `/api/v1/conflicts/${market.id}.place`;
  const open = (await call('GET', conflict, undefined, told.boss)).body;
  const side = open.sides?.[0];
  const choice = { side: side?.hash, heads: open.heads, reason: '看过门牌' };
  const victim = Number((await world.enrol(`丁${role}`, TOWN, 'worker')).worker.replace(/^w/, ''));
  const other = (await world.enrol(`戊${role}`, unit, role)).worker;
  const lists = (await call('GET', '/api/v1/quarantine', undefined, told.boss)).body;
  const row = lists.items?.[0]?.id ?? 1;
  let leave;
  let draw;
  const commands = async () => {
    let last;
    for (const [name, args] of [['accept', {}], ['urge', { reason: '久拖' }], ['assign', { worker: told.worker }], ['withdraw', { reason: '重复' }]]) {
      for (const id of [plain, market.id]) {
        last = await post(`/api/v1/cases/${id}/commands`, { name, args, id: randomUUID() });
        if (last.ok) return last;
      }
    }
    return last;
  };
  const supervised = async () => { draw = draw ?? (await get('/api/v1/supervision/draws')).body.items?.[0]?.n ?? 1; return draw; };
  const week = async (token) => (await call('GET', '/api/v1/supervision/accounts', undefined, token)).body.week;
  const operations = [
    ['GET /api/v1/nonce', ALL, () => get('/api/v1/nonce')],
    ['POST /api/v1/enrol', ALL, async () => post('/api/v1/enrol', { code: (await world.enrol(`己${role}`, TOWN, 'worker')).code, public_key: key() })],
    ['GET /api/v1/absences', ALL, () => get('/api/v1/absences')],
    ['POST /api/v1/absences', ALL, async () => {
      const answer = await post('/api/v1/absences', { from: now().toISOString(), until: later(3), deputy: other });
      leave = answer.body.id;
      return answer;
    }],
    ['POST /api/v1/absences/{id}/end', ALL, () => post(`/api/v1/absences/${leave}/end`)],
    ['GET /api/v1/cases', ALL, () => get('/api/v1/cases?kind=case&limit=5')],
    ['GET /api/v1/cases/{id}', ALL, () => get(`/api/v1/cases/${market.id}`)],
    ['GET /api/v1/cases/{id}/decisions', ALL, () => get(`/api/v1/cases/${market.id}/decisions`)],
    ['GET /api/v1/cases/{id}/history', ALL, () => get(`/api/v1/cases/${market.id}/history`)],
    ['GET /api/v1/cases/{id}/signatures', ALL, () => get(`/api/v1/cases/${market.id}/signatures`)],
    ['POST /api/v1/cases/{id}/signatures', ['handler', 'reviewer', 'leader'], async () => {
      const signatures = `/api/v1/cases/${await claimed(told)}/signatures`;
      let answer;
      await until(async () => {
        const seen = await get(signatures);
        answer = seen.ok ? await post(signatures, { role: 'person', digest: seen.body.digest }) : seen;
        return answer.ok;
      }).catch(() => {});
      return answer;
    }],
    ['GET /api/v1/cases/{id}/file', ALL, () => get(`/api/v1/cases/${market.id}/file`)],
    ['GET /api/v1/meetings/{id}/actions', ALL, () => get(`/api/v1/meetings/${meeting}/actions`)],
    ['GET /api/v1/visits/{id}/tasks', ALL, () => get(`/api/v1/visits/${visit}/tasks`)],
    ['POST /api/v1/actions/{id}/case', WRITERS, async () => post(`/api/v1/actions/${(await get(`/api/v1/meetings/${meeting}/actions`)).body.items?.[0]?.id}/case`, { category: 'environment', place: TOWN })],
    ['POST /api/v1/actions/{id}/decision', WRITERS, async () => {
      const action = (await get(`/api/v1/meetings/${meeting}/actions`)).body.items?.[1]?.id;
      let last;
      for (const [name, args] of [['accept', {}], ['urge', { reason: '会议议定' }], ['assign', { worker: told.worker }], ['lead', { unit: TOWN }]]) {
        last = await post(`/api/v1/actions/${action}/decision`, { case: plain, name, args });
        if (last.ok) break;
      }
      return last;
    }],
    ['POST /api/v1/cases/{id}/commands', WRITERS, commands],
    ['POST /api/v1/cases/{id}/hand-over', INSIDE, async () => {
      // Only the office whose compartment it is has the case: a colleague of this role there.
      const { worker } = await world.enrol(`癸${role}`, '511902-discipline', role);
      const insider = await world.token(worker);
      let answer;
      await until(async () => {
        answer = await call('POST', `/api/v1/cases/${told.lead}/hand-over`, { title: '塘坝漏水', category: 'water' }, insider);
        return answer.ok || ![404, 422].includes(answer.status);
      });
      return answer;
    }],
    ['GET /api/v1/units', DESK, () => get('/api/v1/units')],
    ['GET /api/v1/conflicts', DESK, () => get('/api/v1/conflicts')],
    ['GET /api/v1/conflicts/{id}', DESK, () => get(conflict)],
    ['GET /api/v1/coverage', DESK, () => get('/api/v1/coverage')],
    ['GET /api/v1/rounds', DESK, () => get('/api/v1/rounds?kind=visit')],
    ['GET /api/v1/quarantine', DESK, () => get('/api/v1/quarantine')],
    ['GET /api/v1/quarantine/{id}', INSPECT, () => get(`/api/v1/quarantine/${row}`)],
    ['GET /api/v1/figures', INSPECT, () => get(`/api/v1/figures?measure=collected&cohort=all&as_of=${encodeURIComponent(now().toISOString())}`)],
    ['GET /api/v1/invariants', INSPECT, () => get('/api/v1/invariants')],
    ['GET /api/v1/policies', INSPECT, () => get('/api/v1/policies')],
    ['GET /api/v1/supervision', SUPERVISE, () => get('/api/v1/supervision')],
    ['GET /api/v1/supervision/draws', SUPERVISE, () => get('/api/v1/supervision/draws')],
    ['GET /api/v1/supervision/rates', SUPERVISE, () => get('/api/v1/supervision/rates')],
    ['GET /api/v1/supervision/signals', SUPERVISE, () => get('/api/v1/supervision/signals')],
    ['GET /api/v1/supervision/accounts', DESK, () => get('/api/v1/supervision/accounts')],
    ['POST /api/v1/supervision/accounts', ['handler'], async () => post('/api/v1/supervision/accounts', { week: await week(), evidence: [], note: '本周无办结' })],
    ['POST /api/v1/supervision/draws', ACTS, async () => {
      const answer = await post('/api/v1/supervision/draws', { rule: 'spot' });
      draw = answer.body.n;
      return answer;
    }],
    ['GET /api/v1/supervision/draws/{id}', ACTS, async () => get(`/api/v1/supervision/draws/${await supervised()}`)],
    ['POST /api/v1/supervision/draws/{id}/drawing', ACTS, async () => {
      let answer;
      await until(async () => {
        answer = await post(`/api/v1/supervision/draws/${await supervised()}/drawing`, { words: '今天有雾' });
        return answer.body.code !== 'supervision.early';
      });
      return answer;
    }],
    ['POST /api/v1/supervision/draws/{id}/inspections', ACTS, async () => post(`/api/v1/supervision/draws/${await supervised()}/inspections`, { case: plain, result: 'holds' })],
    ['POST /api/v1/supervision/accounts/judged', ACTS, async () => post('/api/v1/supervision/accounts/judged', { week: await week(), unit: `${TOWN}-centre`, accept: true })],
    ['POST /api/v1/supervision/interviews', ACTS, () => post('/api/v1/supervision/interviews', { month: '2026-10', rule: 'low-completion', unit: `${TOWN}-centre`, note: '约谈' })],
    ['POST /api/v1/supervision/lists', ACTS, () => post('/api/v1/supervision/lists', { month: '2026-10' })],
    ['POST /api/v1/conflicts/{id}/assignment', REVIEW, () => post(`${conflict}/assignment`, { worker: Number(told.worker.replace(/^w/, '')) })],
    ['POST /api/v1/conflicts/{id}/question', REVIEW, () => post(`${conflict}/question`, { worker: told.first, question: '门牌属哪个镇？' })],
    ['POST /api/v1/cases/{id}/release', REVIEW, () => post(`/api/v1/cases/${market.id}/release`, { reason: '已联系' })],
    ['POST /api/v1/conflicts/{id}/preview', REVIEW, async () => post(`${conflict}/preview`, { ...choice, heads: (await get(conflict)).body.heads })],
    ['POST /api/v1/conflicts/{id}/resolution', REVIEW, async () => post(`${conflict}/resolution`, { ...choice, heads: (await get(conflict)).body.heads })],
    ['POST /api/v1/conflicts/{id}/recusal', REVIEW, async () => {
      const more = await world.market([`庚${role}`, `辛${role}`]);
      return post(`/api/v1/conflicts/${more.id}.place/recusal`, { reason: '亲属' });
    }],
    ['POST /api/v1/quarantine/{id}/verdict', REVIEW, () => post(`/api/v1/quarantine/${row}/verdict`, { verdict: 'dismiss', reason: '重复' })],
    ['GET /api/v1/people', ['admin'], () => get('/api/v1/people')],
    ['POST /api/v1/people', ['admin'], () => post('/api/v1/people', { name: '林晓', unit: TOWN, role: 'worker' })],
    ['POST /api/v1/people/{id}', ['admin'], () => post(`/api/v1/people/${victim}`, { name: '林小', unit: TOWN, role: 'handler' })],
    ['POST /api/v1/people/{id}/end', ['admin'], () => post(`/api/v1/people/${victim}/end`, { reason: '调离' })],
    ['GET /api/v1/devices', ['admin'], () => get('/api/v1/devices')],
    ['GET /api/v1/devices/{id}', ['admin'], () => get(`/api/v1/devices/${device}`)],
    ['POST /api/v1/devices/{id}/leaving', ['admin'], () => post(`/api/v1/devices/${device}/leaving`, { how: 'shut', reason: '遗失' })],
    ['POST /api/v1/policies', ['admin'], async () => post('/api/v1/policies', { version: (await get('/api/v1/policies')).body.in_force })],
    ['GET /api/v1/hooks/deliveries', ['admin'], () => get('/api/v1/hooks/deliveries?view=undelivered')],
    ['POST /api/v1/cases/{id}/erasure', ['admin'], () => post(`/api/v1/cases/${plain}/erasure`, { reason: '2026-17' })],
  ];
  const well = new Map();
  for (const [label, may, run] of operations) {
    if (!may.includes(role)) continue;
    const answer = await run();
    well.set(label, answer.ok);
    if (!answer.ok) console.log(`  ${role}: ${label}: ${answer.status} ${answer.body.code ?? ''} ${answer.body.rule ?? ''} ${answer.body.detail ?? ''}`);
  }
  return well;
}
