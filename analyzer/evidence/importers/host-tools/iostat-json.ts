// Parses the JSON reports of iostat -x -o JSON.

import { z } from 'zod';
import { defined } from '../../../../core/defined.ts';
import { type HostToolImporter, shareOf, type ToolReading, unreadableReadings } from './host-tool.ts';
import { readDisk, readPrinted } from './iostat.ts';
import { readJson, sysstatHost } from './sadf.ts';

const percent = z.number().nonnegative().transform(shareOf);
const Cpu = z.object({ user: percent, nice: percent, system: percent, iowait: percent, steal: percent, idle: percent });

const Report = z.looseObject({
  timestamp: z.string().optional(),
  'avg-cpu': Cpu.optional(),
  disk: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).optional(),
});
const Iostat = z.looseObject({
  sysstat: z.looseObject({ hosts: z.array(sysstatHost(z.array(Report))).length(1) }),
});

export const iostatJson = {
  tool: 'iostat -o JSON',

  detect: (head) => /^\s*\{\s*"sysstat"/.test(head) && /"avg-cpu"|"disk_device"/.test(head),

  import(text) {
    const [host] = readJson(text, Iostat, 'iostat -o JSON').sysstat.hosts;
    const reports = host?.statistics ?? [];
    if (reports.length < 2) {
      throw unreadableReadings(
        'iostat -o JSON',
        'its only report is the mean since boot',
        'give what `iostat -xt -o JSON 1 COUNT` prints while the load runs',
      );
    }
    return {
      ...defined({ hostName: host?.nodename, cores: host?.['number-of-cpus'] }),
      readings: reports.slice(1).map(({ timestamp, disk, 'avg-cpu': cpu }): ToolReading => {
        const disks = (disk ?? []).flatMap(
          (each) => readDisk((column) => String(each[jsonNames[column] ?? column] ?? '')) ?? [],
        );
        return {
          at: (timestamp === undefined ? undefined : readPrinted(timestamp)) ?? { kind: 'order' },
          host: { ...(cpu && { cpu }), ...(disks.length > 0 && { disks }) },
        };
      }),
      left: new Map([['first report, the mean since boot', 1]]),
    };
  },
} satisfies HostToolImporter;

/** Columns with another name in JSON than in text. */
const jsonNames: Readonly<Record<string, string>> = { Device: 'disk_device', '%util': 'util' };
