// Implements `plimsoll worker manifests`: passes for workers, as Kubernetes Jobs or as files.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { renderManifests } from '../../loadgen/remote/manifests.ts';
import { issuePasses, type Pass } from '../../loadgen/remote/pass.ts';
import { commaSeparated, defineCommand, option, text } from '../command.ts';
import { writeNew } from '../../app/files/write-new.ts';

const connectPattern = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+)):(\d{1,5})$/;
const namePattern = /^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/;
const SecretName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not the name of a Secret`,
});

export const workerManifestsCommand = defineCommand({
  options: {
    connect: text('HOST:PORT', 'address of the coordinator that pods can reach'),
    workers: text('NAMES', 'worker names, one Job each, such as job-1,job-2'),
    image: text('IMAGE', 'container image that has this version of Plimsoll as the command `plimsoll`'),
    passes: text('FOLDER', 'write NAME.pass.json for each worker into this folder instead, for `./start-worker`'),
    namespace: text('NAME', 'Kubernetes namespace (default default)'),
    cpu: text('CORES', 'CPU request of each worker (default 2)'),
    memory: text('BYTES', 'memory request and limit of each worker (default 2Gi)'),
    secrets: option(
      'NAMES',
      'Secrets that the config refers to, each mounted at /etc/plimsoll-secrets/NAME',
      commaSeparated(SecretName).default([]),
    ),
    admission: text('FILE', 'file for the coordinator; set loadgen.workers.admission to it (default admission.json)'),
  },
  examples: [
    'plimsoll worker manifests --connect 10.0.0.5:7480 --workers job-1,job-2 --image registry.example/plimsoll:0.1.0 | kubectl replace --force -f -',
  ],

  async run({ options, stdout, stderr, clock }) {
    const { image = '', passes: folder, namespace = 'default', cpu = '2', memory = '2Gi', secrets } = options;
    const [, bracketed, plain, port] = connectPattern.exec(options.connect ?? '') ?? [];
    const host = bracketed ?? plain;
    if (host === undefined)
      throw new AppError('usage', '--connect HOST:PORT is missing: the address of the coordinator');
    if (image === '' && folder === undefined) {
      throw new AppError('usage', 'give --image IMAGE, or --passes FOLDER');
    }
    const names = (options.workers ?? '').split(',');
    const wrong = names.find((name, index) => !namePattern.test(name) || names.indexOf(name) !== index);
    if (wrong !== undefined) {
      throw new AppError('usage', `--workers: ${JSON.stringify(wrong)} is not a unique name of a–z, 0–9 and hyphens`);
    }
    const { admission, passes: issued } = issuePasses(names, clock.now());
    const connect = { host, port: Number(port) };
    const passes = [...issued.values()].map((pass): Pass => ({ ...pass, connect }));
    const file = options.admission ?? 'admission.json';
    // Keys of this run, which only it reads; they must not overwrite those of another run.
    const hint = 'give --admission another path; the previous run may still need this file';
    await writeNew(file, JSON.stringify(admission), { mode: 0o600, hint });
    const written = [file];
    try {
      if (folder === undefined) stdout.write(renderManifests({ passes, namespace, image, cpu, memory, secrets }));
      else {
        for (const pass of passes) {
          const path = join(folder, `${pass.worker}.pass.json`);
          const hint = 'give a folder that exists and has no pass of this name, which is good for one run';
          await writeNew(path, JSON.stringify(pass), { mode: 0o600, hint });
          written.push(path);
        }
      }
    } catch (error) {
      for (const path of written) await rm(path);
      throw error;
    }
    stderr.write(
      `next: set loadgen.workers.admission to ${file} and start the run; the workers wait ten minutes for it\n`,
    );
  },
});
