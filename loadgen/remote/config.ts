// Defines the config section `loadgen.workers`.

import { z } from 'zod';
import { nameOfWorker } from './worker-name.ts';
import { positive } from '../../core/documents/values.ts';

const listenPattern = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+)):(\d{1,5})$/;

const ListenAddress = z
  .string()
  .regex(listenPattern, 'write it ADDRESS:PORT or [IPV6]:PORT; port 0 takes any free one')
  .transform((text) => {
    const [, bracketed, plain, port] = listenPattern.exec(text) ?? [];
    return { host: bracketed ?? plain ?? text, port: Number(port) };
  });

/** Becomes the name of a certificate and of a folder. */
const WorkerName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'use small letters, digits and hyphens, at most 63');

const WorkerConfig = z
  .strictObject({
    host: z
      .string()
      .optional()
      .describe('key under hosts with `probe: ssh`: Plimsoll copies itself there, starts, and removes itself'),
    local: z.literal(true).optional().describe('a separate process on the machine of the coordinator'),
    name: WorkerName.optional().describe(
      'default: the host. Without host: a worker that connects by itself with its pass',
    ),
    threads: z.number().int().min(1).max(64).default(1).describe('producers there, each a thread'),
    weight: positive
      .max(1000)
      .default(1)
      .describe('weight of its threads relative to others; such as the measured maximum rate'),
  })
  .refine(({ host, local }) => host === undefined || local === undefined, 'give either host or `local: true`')
  .refine(({ host, name }) => host !== undefined || name !== undefined, 'give it a name, or the host it runs on');

export const WorkersConfig = z
  .strictObject({
    machines: z
      .array(WorkerConfig)
      .min(1)
      .max(64)
      .describe('worker processes; their threads are the producers of the run'),
    listen: ListenAddress.prefault('0.0.0.0:0').describe('address on which the coordinator listens for them'),
    address: z
      .string()
      .min(1)
      .optional()
      .describe('address at which they reach it; default: that of the listener, else 127.0.0.1'),
    consumers: z
      .enum(['coordinator', 'workers'])
      .default('coordinator')
      .describe(
        'where consumer groups run: beside the coordinator, or on the workers in turn, whose loss then ends the run',
      ),
    onLoss: z
      .enum(['move', 'invalid'])
      .default('invalid')
      .describe('when a worker is lost: the others send its share, or the run ends as invalid'),
    acceptClock: z
      .boolean()
      .default(false)
      .describe('accept machines whose clock is off by more than 60 s; times are corrected in any case'),
    admission: z
      .string()
      .optional()
      .describe('file that `plimsoll worker manifests` wrote for workers that connect by themselves; good for one run'),
    waitFor: positive.default(60).describe('time that the run waits for its workers to connect, in seconds'),
    keepBundle: z
      .boolean()
      .default(false)
      .describe(
        'keep the copied program on the machines, so that the next run of the same version does not copy it again',
      ),
  })
  .superRefine(({ machines, admission }, context) => {
    const names = machines.map(nameOfWorker);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      context.addIssue({
        code: 'custom',
        path: ['machines', index],
        message: `there are two workers ${name}; give each a name`,
      });
    }
    const alone = machines.findIndex(({ host, local }) => host === undefined && local === undefined);
    if (alone >= 0 && admission === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['machines', alone],
        message:
          'a worker that connects by itself needs a pass created before: set `admission`, `host` or `local: true`',
      });
    }
    if (admission !== undefined && alone < 0) {
      context.addIssue({ code: 'custom', path: ['admission'], message: 'no worker comes by itself: omit it' });
    }
  })
  .describe('processes and machines that send, beside threads of the coordinator');
export type WorkersConfig = z.output<typeof WorkersConfig>;
