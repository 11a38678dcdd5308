// Samples a Linux host from kernel files, locally or over SSH.

import { AppError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import type { HostReading, QueueDiscipline, ReadingSection } from '../../core/documents/evidence/host-reading.ts';
import { createCpuGuard } from '../cpu-guard.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { parseQueueDisciplines } from '../proc/queue-disciplines.ts';
import { mountFiles, readFileSystems } from './file-systems.ts';
import { namespaceOf, type LinuxRoots, type LinuxSection } from './roots.ts';
import { sections } from './sections.ts';

/** Needs at most two round trips: one lists folders, one reads all files; file systems are queried in parallel. */
export function createLinuxSampler(host: string, files: HostFiles, roots: LinuxRoots) {
  const guard = createCpuGuard();
  let areQueuesShown = true;

  /** Does not query a host without queues again. */
  async function readQueues(io: Io): Promise<QueueDiscipline[] | undefined> {
    if (!areQueuesShown || files.readQueues === undefined) return undefined;
    const queues = parseQueueDisciplines((await files.readQueues(namespaceOf(roots), io)) ?? '');
    areQueuesShown = queues !== undefined;
    return queues;
  }

  return async (wanted: ReadonlySet<ReadingSection>, io: Io): Promise<HostReading> => {
    const selected = Object.entries<LinuxSection<unknown>>(sections).filter(([name]) =>
      wanted.has(name as ReadingSection),
    );
    const folders = [...new Set(selected.flatMap(([, { folders: of }]) => of?.(roots) ?? []))];
    const listing = folders.length === 0 ? new Map<string, string[]>() : await files.listAll(folders, io);
    const paths = new Set(selected.flatMap(([, section]) => section.files(roots, listing)));
    if (wanted.has('fileSystems')) for (const path of mountFiles(roots)) paths.add(path);
    // Run the slow program first: counters are read after it, so that the caller's clock matches them.
    const queues = wanted.has('queues') ? await readQueues(io) : undefined;
    const { texts, failures } = await files.readAll([...paths], io);
    io.signal.throwIfAborted();
    const isOfKernel = (path: string) => path.startsWith(roots.procfs) || path.startsWith(roots.net);
    if (![...texts.keys()].some(isOfKernel)) {
      const failure = [...failures].find(([path]) => isOfKernel(path));
      const reason = failure === undefined ? 'the files are empty' : failure.join(': ');
      throw new AppError('host-unreadable', `cannot read anything of host ${host} under ${roots.procfs}: ${reason}`);
    }
    const textOf = (path: string) => texts.get(path);
    const values = selected.flatMap(([name, section]) => {
      const value = section.parse(textOf, roots, listing);
      return value === undefined ? [] : [[name, value] as const];
    });
    const reading = Object.fromEntries(values) as HostReading;
    const fileSystems = wanted.has('fileSystems') ? await readFileSystems(files, { textOf, roots }, io) : undefined;
    return {
      ...reading,
      ...defined({ queues, cpus: reading.cpus && guard(reading.cpus), fileSystems }),
    };
  };
}
