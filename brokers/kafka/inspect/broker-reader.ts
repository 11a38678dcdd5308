// Reads sections from one broker, and stops for the rest of the snapshot after a timeout.

import type { Broker } from '../../../core/cluster.ts';
import { untilAborted } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { SectionRead, Sections } from '../../sections.ts';
import type { SilentBrokers } from '../../silent-brokers.ts';
import { toAppError } from '../errors.ts';
import type { Link, Links } from '../wire/links.ts';

/** A scrape usually has 10 s: the rest after one silent broker is enough for the others. */
export const deadlineOfBrokerSeconds = 3;
/** Deadline for a broker that was silent a moment ago. */
const silentBrokerDeadlineSeconds = 0.5;

type BrokerSection<Value> = Omit<SectionRead<Value>, 'broker' | 'read'> & {
  /** Channel as in `Links.to`. */
  channel?: string;
  read(link: Link, io: Io): Promise<Value>;
};

export type BrokerReader = ReturnType<typeof createBrokerReader>;

/** @param silent brokers that were silent; updated */
export function createBrokerReader(broker: Broker, sections: Sections, links: Links, silent: SilentBrokers) {
  const { id, address } = broker;
  let gone: AppError | undefined;
  let answers = 0;
  const onAnswer = () => void answers++;
  return {
    broker,
    /** As `Sections.ask`. */
    ask: <Value>(read: BrokerSection<Value>, io: Io): Promise<Value | undefined> => {
      const { channel, deadlineSeconds: ownSeconds = deadlineOfBrokerSeconds, ...section } = read;
      return sections.ask(
        {
          ...section,
          broker: id,
          async read({ signal }) {
            if (gone !== undefined) throw gone;
            const before = answers;
            const deadlineSeconds = silent.has(id) ? silentBrokerDeadlineSeconds : ownSeconds;
            const within = { signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineSeconds * 1000)]) };
            try {
              const link = await links.to(address, within, {
                budget: id,
                onAnswer,
                ...(channel !== undefined && { channel }),
              });
              const value = await untilAborted(section.read(link, within), within.signal);
              silent.delete(id);
              return value;
            } catch (cause) {
              const fault = cause instanceof AppError ? cause : faultOf(cause, section.section, address);
              // A caller that gives up early does not prove a broker fault.
              if (answers === before && fault.code === 'broker-unreachable' && !io.signal.aborted) {
                silent.add(id);
                gone = new AppError('broker-unreachable', `skipped: ${address} did not answer an earlier request`, {
                  cause,
                });
              }
              throw fault;
            }
          },
        },
        io,
      );
    },
  };
}

/** Describes an aborted signal, which has no readable message. */
function faultOf(cause: unknown, section: string, address: string): AppError {
  if (!(cause instanceof DOMException)) return toAppError(cause, { action: `read ${section}`, address });
  return new AppError('broker-unreachable', `cannot read ${section} on ${address}: no answer before the deadline`);
}
