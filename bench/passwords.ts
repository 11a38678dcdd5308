// Measures the cost of wrong passwords: scrapes and correct logins before and during 50 wrong passwords per second.

import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hash } from 'bcryptjs';
import { servePlimsoll } from '../test/support/served-plimsoll.ts';
import { atMost, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { startLab } from './scrape-contenders.ts';
import { fillCluster } from './scraped-cluster.ts';

/** `htpasswd -B -C 10`: 50 to 100 ms per comparison. */
const bcryptCost = 10;
const wrongPerSecond = 50;
const phaseSeconds = 30;
const scrapeEveryMs = 100;
const warmUps = 20;
const loginEveryMs = 2000;
/** Each logs in once, because the result for a name and password is cached. */
const people = 64;
const cluster = { partitions: 500, groups: 20, partitionsPerGroup: 100 };

const mostScrapeRatio = 2;
/** Its own comparison, and the one in progress. */
const mostLoginRatio = 3;

interface Phase {
  scrapeMs: number[];
  failedScrapes: number;
  loginMs: number[];
  failedLogins: number;
  /** HTTP statuses for wrong passwords; 0 for a request still waiting or aborted. */
  wrong: Map<number, number>;
}

export const passwords = {
  name: 'passwords',
  summary: `scrapes and right passwords of the service beside ${wrongPerSecond} wrong passwords a second, from one address and from ${wrongPerSecond}`,
  options: {},
  evidence: 'docs/evidence/service-speed.md',

  async run(io) {
    await using cleanUp = new AsyncDisposableStack();
    const { folder, broker } = await startLab(['kafka'], cleanUp, io);
    await fillCluster([broker.address], cluster, io);
    const file = (name: string) => join(folder, name);
    await writeFile(
      file('plimsoll.yaml'),
      JSON.stringify({
        clusters: { bench: { broker: 'kafka', bootstrap: [broker.address] } },
        service: { listen: '127.0.0.1:0' },
      }),
    );
    await writeFile(file('web.yml'), JSON.stringify({ basic_auth_users: await users() }));
    const words = ['--config', file('plimsoll.yaml'), '--web.config.file', file('web.yml')];
    const service = cleanUp.use(await servePlimsoll([...words, '--state-dir', file('state-of-service')]));
    const url = `${service.url}metrics`;
    const agent = new Agent({ keepAlive: true });
    cleanUp.defer(() => agent.destroy());
    for (let count = 0; count < warmUps; count++) await ask(url, { user: 'scraper', agent });

    const names = Array.from({ length: people }, (_, person) => `person-${person}`);
    const phase = async (what: string, attackers: number) => {
      io.stderr.write(`${what}: ${phaseSeconds} s\n`);
      return await measure({ url, agent, attackers, next: () => names.shift() }, io);
    };
    const before = await phase('no wrong passwords', 0);
    const one = await phase('wrong passwords of one address', 1);
    const many = await phase(`wrong passwords of ${wrongPerSecond} addresses`, wrongPerSecond);
    return [
      ...baseline(before),
      ...beside('one address', one, before),
      ...beside(`${wrongPerSecond} addresses`, many, before),
    ];
  },
} satisfies Bench;

async function users(): Promise<Record<string, string>> {
  const known = await hash(rightPassword, bcryptCost);
  const names = ['scraper', ...Array.from({ length: people }, (_, person) => `person-${person}`)];
  return Object.fromEntries(names.map((name) => [name, known]));
}

const rightPassword = 'right';

interface Question {
  user: string;
  password?: string;
  address?: string;
  agent?: Agent;
  signal?: AbortSignal;
}

/** @returns the status, after the last byte; 0 if the connection ended without one */
function ask(url: string, { user, password = rightPassword, address, agent, signal }: Question): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  const options = {
    headers,
    ...(address !== undefined && { localAddress: address }),
    ...(agent && { agent }),
    ...(signal && { signal }),
  };
  get(url, options, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
    response.once('error', () => resolve(0));
  }).once('error', () => resolve(0));
  return promise;
}

interface Load {
  url: string;
  agent: Agent;
  attackers: number;
  next(): string | undefined;
}

async function measure({ url, agent, attackers, next }: Load, { signal }: Pick<BenchIo, 'signal'>): Promise<Phase> {
  const phase: Phase = { scrapeMs: [], failedScrapes: 0, loginMs: [], failedLogins: 0, wrong: new Map() };
  const ends = performance.now() + phaseSeconds * 1000;
  const every = async (ms: number, act: (turn: number) => Promise<void> | void) => {
    for (let turn = 0, due = performance.now(); due < ends; turn++, due += ms) {
      await setTimeout(Math.max(0, due - performance.now()), undefined, { signal });
      await act(turn);
    }
  };
  const guesses: Promise<void>[] = [];
  // Guesses may wait for more than half a minute.
  const over = new AbortController();
  const guess = async (turn: number) => {
    const address = `127.0.1.${1 + (turn % attackers)}`;
    const status = await ask(url, {
      user: 'scraper',
      password: `guess-${attackers}-${turn}`,
      address,
      signal: over.signal,
    });
    phase.wrong.set(status, (phase.wrong.get(status) ?? 0) + 1);
  };
  await Promise.all([
    every(scrapeEveryMs, async () => {
      const began = performance.now();
      const status = await ask(url, { user: 'scraper', agent });
      phase.scrapeMs.push(performance.now() - began);
      if (status !== 200) phase.failedScrapes++;
    }),
    every(loginEveryMs, async () => {
      const user = next();
      if (user === undefined) return;
      const began = performance.now();
      const status = await ask(url.replace(/metrics$/, 'api/v1/healthz'), { user, address: '127.0.2.1' });
      phase.loginMs.push(performance.now() - began);
      if (status !== 200) phase.failedLogins++;
    }),
    attackers === 0 ? undefined : every(1000 / wrongPerSecond, (turn) => void guesses.push(guess(turn))),
  ]);
  over.abort();
  await Promise.all(guesses);
  return phase;
}

function p99(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? NaN;
}

function baseline({ scrapeMs, loginMs }: Phase): BenchResult[] {
  return [
    { metric: `p99 of ${scrapeMs.length} scrapes before`, unit: 'ms', ours: p99(scrapeMs), goal: 'none' },
    { metric: `median of ${loginMs.length} first logins before`, unit: 'ms', ours: median(loginMs), goal: 'none' },
  ];
}

function beside(from: string, { scrapeMs, loginMs, wrong, ...failed }: Phase, before: Phase): BenchResult[] {
  const during = `during ${wrongPerSecond} wrong passwords/s of ${from}`;
  const answered = [...wrong]
    .map(([status, count]) => `${count} ${status === 0 ? 'without an answer' : `with ${status}`}`)
    .join(', ');
  return [
    { metric: `p99 of ${scrapeMs.length} scrapes ${during}`, unit: 'ms', ours: p99(scrapeMs), goal: 'none' },
    atMost('to p99 before', 'ratio', p99(scrapeMs) / p99(before.scrapeMs), mostScrapeRatio),
    { metric: `median of ${loginMs.length} first logins ${during}`, unit: 'ms', ours: median(loginMs), goal: 'none' },
    atMost('to median login before', 'ratio', median(loginMs) / median(before.loginMs), mostLoginRatio),
    { metric: 'slowest of these logins', unit: 'ms', ours: Math.max(...loginMs), goal: 'none' },
    atMost(
      `scrapes and right logins refused (wrong ones: ${answered})`,
      '',
      failed.failedScrapes + failed.failedLogins,
      0,
    ),
  ];
}
