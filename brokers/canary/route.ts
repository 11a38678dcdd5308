// Refreshes the leaders of the canary topic in a background task, and backs off while that fails.

import type { Echo, EchoPosition, Io, TrafficDriver } from '../driver.ts';
import { type Clock, seconds, type Seconds, untilAborted } from '../../core/clock.ts';
import { AppError, endOfWait } from '../../core/errors.ts';

export type Route =
  | { kind: 'none'; reason: string; hint?: string }
  | {
      kind: 'open';
      echo: Echo;
      places: ReadonlyMap<string, readonly EchoPosition[]>;
      /** Reads the leaders again, for callers whose broker no longer leads. */
      refresh(): void;
    };

interface RouteOptions {
  cluster: string;
  topic: string;
  open(io: Io): Promise<TrafficDriver>;
  clock: Clock;
}

/** Interval of the small metadata request for the topic. */
const freshFor = seconds(10);
const patience = seconds(10);
const firstPause = seconds(1);
const longestPause = seconds(60);

/** Runs until the signal aborts. @param onRoute called after each request */
export async function keepRoute(
  { cluster, topic, open, clock }: RouteOptions,
  { signal }: Io,
  onRoute: (route: Route) => void,
): Promise<void> {
  await using connected = new AsyncDisposableStack();
  let echo: Echo | undefined;
  let known: Extract<Route, { kind: 'open' }> | undefined;
  let backOff: Seconds = firstPause;
  let wake = () => {};

  async function connect(io: Io): Promise<Echo> {
    await using opened = new AsyncDisposableStack();
    const traffic = opened.use(await open(io));
    const made = opened.use(await traffic.echo({ topic }));
    // Discards the connection of an attempt that was given up.
    if (io.signal.aborted || connected.disposed) throw io.signal.reason;
    connected.use(opened.move());
    return made;
  }

  async function ask(io: Io): Promise<Route> {
    echo ??= await connect(io);
    const places = Map.groupBy(await echo.places(io), ({ broker }) => broker);
    if (places.size === 0) return { kind: 'none', reason: `no broker accepts messages of topic ${topic} now` };
    return { kind: 'open', echo, places, refresh: () => wake() };
  }

  for (;;) {
    const awake = new AbortController();
    wake = () => awake.abort();
    const deadline = new AbortController();
    const io = { signal: AbortSignal.any([signal, deadline.signal]) };
    const late = new AppError('broker-unreachable', `cluster ${cluster} does not report the leader of topic ${topic}`);
    const timer = clock.sleep(patience, io).then(() => deadline.abort(late), endOfWait);
    let isWell = false;
    try {
      const route = await untilAborted(ask(io), io.signal);
      known = route.kind === 'open' ? route : undefined;
      isWell = known !== undefined;
      onRoute(route);
    } catch (cause) {
      if (signal.aborted) break;
      // A silent cluster may still accept messages at the known leaders; one without the topic does not.
      const isGone = cause instanceof AppError && cause.code === 'broker-refused';
      if (isGone) known = undefined;
      const { message, hint } = cause as Partial<AppError>;
      if (known === undefined)
        onRoute({ kind: 'none', reason: message ?? String(cause), ...(hint !== undefined && { hint }) });
    } finally {
      deadline.abort();
      await timer;
    }
    const pause = isWell ? freshFor : backOff;
    backOff = isWell ? firstPause : seconds(Math.min(backOff * 2, longestPause));
    const resting = { signal: isWell ? AbortSignal.any([signal, awake.signal]) : signal };
    await clock.sleep(pause, resting).catch(endOfWait);
    if (signal.aborted) break;
  }
}
