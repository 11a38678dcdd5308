// Where does a test get a real RocketMQ from? The lab, in a folder of the test's own; gone when disposed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import type { RocketmqLabRequest } from '../../lab/rocketmq/plan.ts';
import { defaultRocketmqVersion } from '../../lab/rocketmq/release.ts';
import { startLab, type Lab } from '../../lab/start-lab.ts';
import { stopLab } from '../../lab/stop-lab.ts';

/** 5.3.3, mode `single`, one name server unless said; 4.9.7 and 5.5.0 run too. */
export type RocketmqRequest = Partial<Omit<RocketmqLabRequest, 'product' | 'directory' | 'cache'>>;

export interface RunningRocketmq extends AsyncDisposable {
  namesrv: string[];
  /** `id` is brokerName:brokerId, as registered when the lab was ready. */
  brokers: Lab['brokers'];
  configPath: string;
  /** Folder of the lab; each broker's logs and settings are below it. */
  home: string;
}

/** Takes about 8 s, and a download the first time. Use it with `await using`. */
export async function startRocketmq(request: RocketmqRequest = {}): Promise<RunningRocketmq> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-test-rocketmq-'));
  const io = {
    signal: new AbortController().signal,
    clock: systemClock,
    environment: process.env,
    progress: () => undefined,
  };
  const remove = async () => {
    await stopLab(directory, io);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const lab = await startLab(
      {
        version: defaultRocketmqVersion,
        mode: 'single',
        nameServers: 1,
        ...request,
        product: 'rocketmq',
        directory,
        cache: join(cacheFolder(process.env), 'lab'),
      },
      io,
    );
    return {
      namesrv: [...(lab.nameServers ?? [])],
      brokers: lab.brokers,
      configPath: lab.configPath,
      home: directory,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
