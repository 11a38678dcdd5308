// Registers the load profiles; the workload file names them by `kind`.

import { z } from 'zod';
import { backlogAndDrain, BacklogAndDrainOptions } from './backlog-and-drain.ts';
import { closedLoop, ClosedLoopOptions } from './closed-loop.ts';
import { constant, ConstantOptions } from './constant.ts';
import { diurnal, DiurnalOptions } from './diurnal.ts';
import type { LoadProfile } from './profile.ts';
import { ramp, RampOptions } from './ramp.ts';
import { replay, ReplayOptions } from './replay.ts';
import { soak, SoakOptions } from './soak.ts';
import { spike, SpikeOptions } from './spike.ts';
import { steps, StepsOptions } from './steps.ts';

export const ProfileOptions = z.discriminatedUnion('kind', [
  ConstantOptions,
  StepsOptions,
  RampOptions,
  SpikeOptions,
  SoakOptions,
  DiurnalOptions,
  ReplayOptions,
  ClosedLoopOptions,
  BacklogAndDrainOptions,
]);
export type ProfileOptions = z.output<typeof ProfileOptions>;
type ProfileName = ProfileOptions['kind'];

const profiles: { [Name in ProfileName]: (options: Extract<ProfileOptions, { kind: Name }>) => LoadProfile } = {
  constant,
  steps,
  ramp,
  spike,
  soak,
  diurnal,
  replay,
  'closed-loop': closedLoop,
  'backlog-and-drain': backlogAndDrain,
};

export function createProfile<Name extends ProfileName>(options: Extract<ProfileOptions, { kind: Name }>): LoadProfile {
  return profiles[options.kind](options);
}
