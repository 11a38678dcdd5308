// Simulates lease stores in memory with chosen latencies.

import type { LeaseReading, LeaseStore } from '../../brokers/lease-store.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { networkErrorMessages } from '../../brokers/network-errors.ts';
import { AppError } from '../../core/errors.ts';

export interface FakeLeaseCluster {
  /** Returns the store as one process sees it. @param latency seconds until a request takes effect, called for each one */
  connect(latency?: () => number): LeaseStore & { stall(): void };
  /** Stored text by place. */
  texts(): (string | undefined)[];
  put(text: string | undefined, place?: number): void;
  setDown(isDown: boolean, place?: number, isSilent?: boolean): void;
}

const unreachable = (place: string, code = 'ECONNREFUSED') =>
  new AppError('broker-unreachable', `cannot reach ${place}: ${networkErrorMessages[code]}`, {
    cause: Object.assign(new Error(`connect ${code}`), { code }),
  });

/** Simulates one group: the last member to join owns the generation, and the leader stays leader while it rejoins. */
export function fakeKafkaGroup({ sleep }: Clock): FakeLeaseCluster {
  const sleepFor = async (late: number) => (late > 0 ? sleep(seconds(late)) : undefined);
  let text: string | undefined;
  let isDown = false;
  let generation = 0;
  let leader: { isStalled: boolean } | undefined;

  return {
    texts: () => [text],
    put: (next) => (text = next),
    setDown: (next) => (isDown = next),
    connect(latency = () => 0) {
      const own = { isStalled: false };
      let seat: number | undefined;
      const answer = async () => {
        await sleepFor(latency());
        if (isDown) throw unreachable('the coordinator');
      };
      return {
        settle: seconds(0),
        stall: () => (own.isStalled = true),
        async read() {
          try {
            await answer();
          } catch (cause) {
            return [{ place: 'group', kind: 'unreachable', fault: cause as AppError }];
          }
          return [{ place: 'group', kind: 'read', ...(text !== undefined && { text }) }];
        },
        async enter() {
          await answer();
          generation += 1;
          if (leader !== undefined && leader !== own && !leader.isStalled) return 'occupied';
          leader = own;
          seat = generation;
          return 'entered';
        },
        async write(next) {
          await answer();
          if (seat !== generation || leader !== own) return 'fenced';
          text = next;
          return 'written';
        },
        async clear(released) {
          await answer();
          const left = released(text ?? '');
          if (left !== undefined) {
            if (leader !== undefined && leader !== own) throw new AppError('lease-lost', 'another process has entered');
            text = left;
          }
          if (leader === own) leader = undefined;
          seat = undefined;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

interface FakeServer {
  text?: string;
  isDown: boolean;
  isSilent?: boolean;
}

/** Each keeps the last write and refuses none. */
export function fakeNameServers({ sleep }: Clock, count: number): FakeLeaseCluster {
  const sleepFor = async (late: number) => (late > 0 ? sleep(seconds(late)) : undefined);
  const servers = Array.from({ length: count }, (): FakeServer => ({ isDown: false }));
  const chosen = (place?: number) => (place === undefined ? servers : [servers[place] ?? { isDown: false }]);

  return {
    texts: () => servers.map(({ text }) => text),
    put: (next, place) => {
      for (const server of chosen(place)) {
        delete server.text;
        if (next !== undefined) server.text = next;
      }
    },
    setDown: (isDown, place, isSilent = false) =>
      chosen(place).forEach((server) => Object.assign(server, { isDown, isSilent })),
    connect(latency = () => 0) {
      const each = <Value>(act: (server: { text?: string }) => Value) =>
        Promise.allSettled(
          servers.map(async (server, index) => {
            await sleepFor(latency());
            if (server.isDown) throw unreachable(`name server ${index}`, server.isSilent ? 'ETIMEDOUT' : undefined);
            return act(server);
          }),
        );
      return {
        settle: seconds(4),
        stall: () => {},
        async read() {
          const answers = await each(({ text }) => text);
          return answers.map((answer, index): LeaseReading => {
            const place = `name server ${index}`;
            if (answer.status === 'rejected') return { place, kind: 'unreachable', fault: answer.reason as AppError };
            return { place, kind: 'read', ...(answer.value !== undefined && { text: answer.value }) };
          });
        },
        enter: async () => 'entered',
        async write(next) {
          const written = await each((server) => (server.text = next));
          if (written.every(({ status }) => status === 'rejected')) throw unreachable('every name server');
          return 'written';
        },
        async clear(released) {
          const cleared = await each((server) => {
            if (released(server.text ?? '') !== undefined) delete server.text;
          });
          if (cleared.some(({ status }) => status === 'rejected')) throw unreachable('a name server');
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
