// The API as its description says it is: schemathesis as each role, on a centre with a case, a conflict, a refused change.
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { World } from './world.mjs';

const run = promisify(execFile);
const ROLES = { worker: '511902105', handler: '511902105-centre', reviewer: '511902-intake', leader: '511902-intake',
  inspector: '511902-supervision', admin: '511902', auditor: '511902' };
/** What a role may not call at all: it is told that there is nothing (404), as everybody else is of what is not theirs. */
const ADMIN = ['people', 'devices', 'post_v1_policies'];
const REVIEW = ['resolution', 'preview', 'assignment', 'question', 'recusal', 'verdict', 'release'];
const INSPECT = ['invariants', 'get_v1_policies'];
const DESK = ['conflicts', 'quarantine', 'units', ...INSPECT];
const denied = {
  worker: [...ADMIN, ...REVIEW, ...DESK], handler: [...ADMIN, ...REVIEW, ...INSPECT], reviewer: ADMIN, leader: ADMIN,
  inspector: [...ADMIN, ...REVIEW], admin: [], auditor: [...ADMIN, ...REVIEW, 'commands'],
};

const world = await World.open();
const wrong = [];
try {
  for (const [role, unit] of Object.entries(ROLES)) {
    const market = await world.market([`王${role}`, `陈${role}`]);
    const { worker } = await world.enrol(`员${role}`, unit, role);
    const token = await world.token(worker);
    const number = worker.replace(/^w/, '');
    const conflict = `${market.id}.place`;
    const device = (await market.wang.do('auth')).headers ? '' : '';
    const folder = path.join(world.folder, role);
    await mkdir(folder);
    const given = (paths, value) => `[[operations]]\ninclude-path-regex = "${paths}"\nparameters = { "path.id" = "${value}" }\n`;
    const victim = (await world.enrol(`客${role}`, unit, 'worker')).worker.replace(/^w/, '');
    const devices = role === 'admin' ? await (await fetch(`${world.url}/api/v1/devices`, { headers: { authorization: `Bearer ${token}` } })).json() : { items: [{ id: '0000000000000000' }] };
    await writeFile(path.join(folder, 'schemathesis.toml'), [
      given('^/api/v1/cases/', market.id), given('^/api/v1/conflicts/', conflict), given('^/api/v1/people/', victim),
      given('^/api/v1/devices/', devices.items.at(-1)?.id ?? device), given('^/api/v1/quarantine/', '1'),
    ].join('\n'));
    const report = path.join(folder, 'report.ndjson');
    const args = ['--config-file', path.join(folder, 'schemathesis.toml'), 'run', `${world.url}/api/openapi.json`,
      '--header', `Authorization: Bearer ${token}`, '--phases', 'examples,coverage,fuzzing',
      '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
      '--max-examples', process.env.EXAMPLES, '--report', 'ndjson', '--report-ndjson-path', report, '--no-color', '--seed', '1'];
    const code = await new Promise((done) => {
      spawn('schemathesis', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', done);
    });
    if (code !== 0) wrong.push(`${role}: schemathesis found something`);
    const well = new Map();
    for (const line of (await readFile(report, 'utf8')).split('\n')) {
      for (const [, label] of line.matchAll(/"label":\s*"((?:GET|POST) [^"]+)"/g)) if (!well.has(label)) well.set(label, false);
      const label = /"label":\s*"((?:GET|POST) [^"]+)"/.exec(line)?.[1];
      if (label && /"status_code":\s*2\d\d/.test(line)) well.set(label, true);
    }
    const may = [...well].filter(([label]) => !denied[role].some((word) => label.toLowerCase().includes(word) ||
      `${label.slice(0, label.indexOf(' ')).toLowerCase()}_${label.split('/api/')[1].replace(/[/.]/g, '_').replace(/[{}]/g, '')}`.startsWith(word)));
    const done = may.filter(([, ok]) => ok);
    console.log(`${role} (${number}): ${done.length} of ${may.length} operations that it may call answered 2xx; not: ${may.filter(([, ok]) => !ok).map(([label]) => label).join(', ') || 'none'}`);
    if (done.length < 0.9 * may.length) wrong.push(`${role}: only ${done.length} of ${may.length} answered 2xx`);
  }
} finally {
  await world.close();
}
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
