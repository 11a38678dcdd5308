// Sends the inspector's requests to one broker: within its request budget, counted, in a version that both support.

import { type API, apiVersionsV0, type Connection, protocolAPIsById } from '../library.ts';
import { untilAborted } from '../../../core/clock.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import { ask, askForParts } from './ask.ts';
import type { Connections } from './connections.ts';

type Question<Arguments extends unknown[], Response> = [
  action: string,
  io: Io,
  api: API<Arguments, Response>,
  ...request: Arguments,
];

export interface Link {
  address: string;
  ranges: ApiRanges;
  /** @throws AppError as the broker answers */
  ask<Arguments extends unknown[], Response>(...question: Question<Arguments, Response>): Promise<Response>;
  /** As `ask`, for requests with an error code in each part of the answer. */
  askForParts<Arguments extends unknown[], Response>(...question: Question<Arguments, Response>): Promise<Response>;
}

export interface Links extends AsyncDisposable {
  /**
   * @param channel a separate connection for requests that may take long: a broker answers each connection in order
   * @param budget key of the request budget: the id of the broker, or the address while its id is unknown
   * @param onAnswer called for each answer over this link, including that to the opening of its connection
   */
  to(address: string, io: Io, how?: { budget?: string; channel?: string; onAnswer?: () => void }): Promise<Link>;
  /** Returns the number of requests by Kafka's name of the API since the last call. */
  takeCounts(): Readonly<Record<string, number>>;
}

/** @param connections closed with the links */
export function createLinks(connections: Connections, governor: Pick<ReadGovernor, 'take'>): Links {
  let counts: Record<string, number> = {};
  const count = (api: string) => (counts[api] = (counts[api] ?? 0) + 1);

  function rangesOver(connection: Connection, address: string, onAnswer: () => void): Promise<ApiRanges> {
    const known = knownApiRanges(connection);
    if (known !== undefined) return known;
    count('ApiVersions');
    const answer = apiRangesOf(connection, address);
    answer.then(onAnswer, ignoreFault('the caller gets it'));
    return answer;
  }

  return {
    async to(address, io, { budget = address, channel, onAnswer = () => {} } = {}) {
      const connection = await connections.to(address, io, channel);
      const ranges = await untilAborted(rangesOver(connection, address, onAnswer), io.signal);
      const through =
        (how: typeof ask) =>
        async <Arguments extends unknown[], Response>(
          ...[action, within, api, ...request]: Question<Arguments, Response>
        ): Promise<Response> => {
          await governor.take(budget, 1, within);
          count(apiName(api.key));
          const response = await how(connection, { action, address }, within, api, ...request);
          onAnswer();
          return response;
        };
      return { address, ranges, ask: through(ask), askForParts: through(askForParts) };
    },
    takeCounts() {
      const taken = counts;
      counts = {};
      return taken;
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

/**
 * @param choices versions of one request, the best first
 * @throws AppError unsupported-broker when the broker supports none of them
 */
export function newestSpoken<Choice extends { key: number; version: number }>(
  { ranges, address }: Pick<Link, 'ranges' | 'address'>,
  ...choices: readonly [Choice, ...Choice[]]
): Choice {
  const api = apiName(choices[0].key);
  const chosen = choices.find(({ version }) => speaks(ranges, api, version));
  if (chosen !== undefined) return chosen;
  const wanted = choices.map(({ version }) => version).join(' or ');
  throw new AppError(
    'unsupported-broker',
    `cannot request ${address} for ${api}: it speaks no version ${wanted} of it`,
  );
}

const apiName = (key: number): string => protocolAPIsById[key] ?? String(key);

export interface ApiRange {
  min: number;
  max: number;
}

/** Ranges by Kafka's name of the API, such as `Produce`. */
export type ApiRanges = ReadonlyMap<string, ApiRange>;

/** Sends ApiVersions version 0, which every broker since 0.10 answers. */
export async function readApiRanges(connection: Connection, address: string, io: Io): Promise<ApiRanges> {
  const response = await ask(connection, { action: 'read the API versions', address }, io, apiVersionsV0.api, '', '');
  return new Map(
    response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      protocolAPIsById[apiKey] ?? String(apiKey),
      { min: minVersion, max: maxVersion },
    ]),
  );
}

const known = new WeakMap<Connection, Promise<ApiRanges>>();

/** Ranges are kept per connection: after a rolling upgrade the broker behind an address supports other versions. */
export const knownApiRanges = (connection: Connection): Promise<ApiRanges> | undefined => known.get(connection);

/** Shared by all callers of a connection: its timeout limits the request, not the signal of one caller. */
export function apiRangesOf(connection: Connection, address: string): Promise<ApiRanges> {
  const pending = known.get(connection) ?? readApiRanges(connection, address, { signal: new AbortController().signal });
  known.set(connection, pending);
  pending.catch(() => known.delete(connection));
  return pending;
}

export const speaks = (ranges: ApiRanges, api: string, version: number): boolean => {
  const range = ranges.get(api);
  return range !== undefined && range.min <= version && version <= range.max;
};

/** Time until the second address is tried as well, so that a hanging broker does not use up all the time. */
const headStartMs = 500;
/** Time in which all other addresses are tried: a snapshot has 3 s for its metadata. */
const restMs = 1500;
/** Minimum interval, so that a slow cluster does not get requests at all addresses at once. */
const leastMs = 100;

/**
 * @param addresses addresses, the preferred first
 * @throws AppError the most informative refusal when no address answers; the signal's reason when it aborts before
 */
export async function firstToAnswer<Value>(
  name: string,
  addresses: readonly string[],
  { signal }: Io,
  read: (address: string, io: Io) => Promise<Value>,
): Promise<Value> {
  const done = new AbortController();
  const within = AbortSignal.any([signal, done.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const timers: NodeJS.Timeout[] = [];
  const refusals: unknown[] = [];
  const laterMs = Math.max(leastMs, Math.min(headStartMs, restMs / addresses.length));
  let begun = 0;

  function begin(turn: number): void {
    const address = addresses[turn];
    if (turn < begun || address === undefined) return;
    begun = turn + 1;
    timers.push(setTimeout(() => begin(turn + 1), turn === 0 ? headStartMs : laterMs));
    read(address, { signal: within }).then(resolve, (refusal: unknown) => {
      refusals.push(refusal);
      if (refusals.length === addresses.length) reject(worst(name, refusals));
      else begin(turn + 1);
    });
  }

  begin(0);
  try {
    return await untilAborted(promise, signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    done.abort();
  }
}

/** Returns the most informative refusal: a wrong password is more informative than a refused connection. */
function worst(name: string, refusals: readonly unknown[]): unknown {
  const faults = refusals.filter((refusal) => refusal instanceof AppError);
  const [first] = faults;
  if (first === undefined || faults.length < refusals.length)
    return refusals.find((each) => !(each instanceof AppError));
  const telling = faults.find(({ code }) => code !== 'broker-unreachable');
  if (telling !== undefined || faults.length === 1) return telling ?? first;
  const tried = faults.map(({ message }) => message.replace(/^cannot .*? on /, '')).join('; ');
  return new AppError('broker-unreachable', `cannot reach any broker of cluster ${name}: ${tried}`, {
    cause: first,
    hint: first.hint,
  });
}
