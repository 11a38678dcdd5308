// Which load profiles exist? One line in each of two lists; the workload file takes their names from `kind`.

import { z } from 'zod';
import { constant, ConstantOptions } from './constant.ts';
import type { LoadProfile } from './profile.ts';
import { steps, StepsOptions } from './steps.ts';

export const ProfileOptions = z.discriminatedUnion('kind', [ConstantOptions, StepsOptions]);
export type ProfileOptions = z.output<typeof ProfileOptions>;
export type ProfileName = ProfileOptions['kind'];

const profiles: { [Name in ProfileName]: (options: Extract<ProfileOptions, { kind: Name }>) => LoadProfile } = {
  constant,
  steps,
};

export function createProfile<Name extends ProfileName>(options: Extract<ProfileOptions, { kind: Name }>): LoadProfile {
  return profiles[options.kind](options);
}
