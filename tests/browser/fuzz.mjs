// The API as its description says it is, as each role: every operation that the role may call called as it is meant, then
// schemathesis with whatever the description lets it think of.
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { World } from './world.mjs';
import { asMeant } from './meant.mjs';

const ROLES = { worker: '511902105', handler: '511902105-centre', reviewer: '511902-intake', leader: '511902-intake',
  inspector: '511902-supervision', admin: '511902', auditor: '511902' };
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';

/** Besieges the API with one role's token, with ids of what is there. Gives how many cases ran, what answered 2xx, and whether all was as described. */
async function siege(world, role, unit) {
  const market = await world.market([`王${role}`, `陈${role}`]);
  const { worker } = await world.enrol(`员${role}`, unit, role);
  const token = await world.token(worker);
  const victim = (await world.enrol(`客${role}`, '511902105', 'worker')).worker.replace(/^w/, '');
  const folder = path.join(world.folder, role);
  await mkdir(folder);
  const headers = { authorization: `Bearer ${token}` };
  const devices = await (await fetch(`${world.url}/api/v1/devices`, { headers })).json();
  const given = (paths, value) => `[[operations]]\ninclude-path-regex = "${paths}"\nparameters = { "path.id" = "${value}" }\n`;
  await writeFile(path.join(folder, 'schemathesis.toml'), [
    given('^/api/v1/cases/', market.id), given('^/api/v1/conflicts/', `${market.id}.place`), given('^/api/v1/people/', victim),
    given('^/api/v1/devices/', devices.items?.at(-1)?.id ?? '0000000000000000'), given('^/api/v1/quarantine/', '1'),
  ].join('\n'));
  const report = path.join(folder, 'report.ndjson');
  const args = ['--config-file', path.join(folder, 'schemathesis.toml'), 'run', `${world.url}/api/openapi.json`,
    '--header', `Authorization: Bearer ${token}`, '--phases', 'examples,coverage,fuzzing', '--checks', CHECKS,
    '--max-examples', process.env.EXAMPLES ?? '10', '--report', 'ndjson', '--report-ndjson-path', report, '--no-color', '--seed', '1'];
  const code = await new Promise((done) => {
    spawn('schemathesis', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', done);
  });
  const well = new Set();
  for (const line of (await readFile(report, 'utf8')).split('\n')) {
    const label = /"label":\s*"((?:GET|POST) [^"]+)"/.exec(line)?.[1];
    if (label && /"status_code":\s*2\d\d/.test(line)) well.add(label);
  }
  return { well, asDescribed: code === 0 };
}

const world = await World.open({ changes: [['notice = "PT10M"', 'notice = "PT0S"']] });
const wrong = [];
const told = [];
try {
  const { paths } = await (await fetch(`${world.url}/api/openapi.json`)).json();
  const described = Object.entries(paths).flatMap(([at, of]) => Object.keys(of).map((method) => `${method.toUpperCase()} ${at}`));
  const known = new Set();
  const chosen = Object.entries(ROLES).filter(([role]) => (process.env.ROLE ?? role) === role);
  for (const [role, unit] of chosen) {
    const meant = await asMeant(world, role, unit);
    const { well, asDescribed } = await siege(world, role, unit);
    if (!asDescribed) wrong.push(`${role}: an answer is a fault, or not as described`);
    const not = [...meant].filter(([label, ok]) => !ok && !well.has(label)).map(([label]) => label);
    for (const label of meant.keys()) known.add(label);
    const done = meant.size - not.length;
    told.push(`${role}: ${done} of ${meant.size} operations that it may call answered 2xx; not: ${not.join(', ') || 'none'}`);
    if (done < 0.9 * meant.size) wrong.push(told.at(-1));
  }
  // What nobody calls is known only once every role has been asked.
  if (!process.env.ROLE) for (const label of described.filter((label) => !known.has(label))) wrong.push(`nobody calls ${label} as it is meant: add it to meant.mjs`);
} finally {
  await world.close();
}
for (const line of told) console.log(line);
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
