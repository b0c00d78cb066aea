// A centre with real devices for one test: the real programs on a temporary folder, spoken to as a script would.
import { spawn, execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARIES = process.env.DOORSTEP_BINARIES;
if (!BINARIES) throw new Error('DOORSTEP_BINARIES names the folder with doorstep and doorstep-device; use make browser');

const DISTRICT = '511902';
const TOWN = '511902105';

/** Runs a program and gives the object on its last line. */
async function ask(name, args) {
  const { stdout } = await run(path.join(BINARIES, name), [...args, '--json']).catch((error) => {
    throw new Error(`${name} ${args.join(' ')}: ${error.stdout}${error.stderr}`);
  });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** A device of a worker. */
class Device {
  constructor(store) { this.store = store; }
  do(...args) { return ask('doorstep-device', ['--store', this.store, ...args]); }
}

export class World {
  /** `changes`: texts of the built-in pack's rules that are replaced, each with what for. `config`: a configuration file's
   *  text. `pack` and `district`: another district than the built-in one. */
  static async open({ changes = [], config = '', pack = '', district = DISTRICT } = {}) {
    const world = new World();
    world.district = district;
    world.folder = await mkdtemp(path.join(tmpdir(), 'doorstep-browser-'));
    world.data = path.join(world.folder, 'centre');
    const other = pack && fileURLToPath(new URL(`../../deploy/policies/${pack}`, import.meta.url));
    const folder = changes.length ? await World.changed(world.folder, changes) : other;
    const policy = folder ? ['--policy', folder] : [];
    const file = path.join(world.folder, 'doorstep.toml');
    if (config) await writeFile(file, config);
    const args = ['serve', ...(config ? ['--config', file] : []), '--data', world.data, '--listen', '127.0.0.1:0', '--settle', 'PT1S', ...policy, '--json'];
    world.server = spawn(path.join(BINARIES, 'doorstep'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = createInterface({ input: world.server.stdout });
    for await (const line of lines) { world.url = JSON.parse(line).url; break; }
    return world;
  }

  static async changed(folder, changes) {
    const pack = path.join(folder, 'pack');
    await cp(new URL('../../deploy/policies/bazhou', import.meta.url), pack, { recursive: true });
    const file = path.join(pack, 'policy.toml');
    let text = await readFile(file, 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`the pack does not say ${from}`);
      text = text.replace(from, to);
    }
    await writeFile(file, text);
    return pack;
  }

  async close() {
    const gone = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGTERM');
    await gone;
    await rm(this.folder, { recursive: true });
  }

  enrol(worker, unit, role) {
    const who = ['--district', this.district, '--unit', unit, '--worker', worker, '--role', role];
    return ask('doorstep', ['admin', 'enrol', '--data', this.data, ...who]);
  }

  /** A bearer token for the API. */
  async token(worker) {
    return (await ask('doorstep', ['admin', 'token', '--data', this.data, '--worker', worker])).token;
  }

  /** A device that is not enrolled yet. */
  store(name) { return new Device(path.join(this.folder, `${name}.sqlite`)); }

  async device(worker, unit = TOWN, role = 'worker') {
    const invitation = await this.enrol(worker, unit, role);
    const device = new Device(path.join(this.folder, `${worker}.sqlite`));
    await device.do('enrol', this.url, invitation.code);
    return device;
  }

  /** Somebody with an account: {login, password, worker}. The password is to be changed at the first sign-in. */
  async account(name, unit, role, login) {
    const { worker } = await this.enrol(name, unit, role);
    return ask('doorstep', ['admin', 'account', '--data', this.data, '--worker', worker, '--login', login]);
  }

  /** Two workers at one market, each without the other's word: one case, one open conflict about its place. */
  async market([first, second] = ['王敏', '陈刚']) {
    const wang = await this.device(first);
    const chen = await this.device(second, TOWN, 'handler');
    const made = await wang.do('new', 'case', '--set', 'title=市场街无公厕', '--set', 'category=facilities',
      '--set', `place=${TOWN}`, '--set', 'person.name=阿布都·热合曼', '--set', 'person.id_number=511902199001011234');
    await wang.do('sync');
    await until(async () => { await chen.do('sync'); return (await chen.do('list')).items.some((item) => item.id === made.id); });
    await wang.do('edit', made.id, '--set', 'place=511902105001');
    await chen.do('edit', made.id, '--set', 'place=511902104');
    await wang.do('sync');
    await chen.do('sync');
    return { id: made.id, wang, chen };
  }
}

/** Waits until something holds: asked again and again, for as long as a slow machine may need. */
export async function until(holds, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not so after ${seconds} s: ${holds}`);
  }
}
