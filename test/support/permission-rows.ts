// Lists the users that tests of RocketMQ permissions create: one with all grants of a feature, and one without each of them.

import { rocketmqFeatures, type RocketmqGrant } from '../../brokers/rocketmq/permissions.ts';

/** Features that need brokers to start, stop or change their roles. */
export const changesOfMembers = ['scaleOut', 'scaleIn', 'nameServers', 'switch', 'drill'] as const;
export type ChangeOfMembers = (typeof changesOfMembers)[number];

type FeatureName = keyof typeof rocketmqFeatures;

export interface PermissionRow<Feature extends FeatureName = FeatureName> {
  feature: Feature;
  name: string;
  topic: string;
  group: string;
  grants: readonly RocketmqGrant[];
  missing?: RocketmqGrant;
  title: string;
}

const textOf = ({ action, resource, name }: RocketmqGrant) => `${action} on ${resource} ${name}`;

/** @param isTested whether one test omits a grant; true for each by default */
export function permissionRows<Feature extends FeatureName>(
  feature: Feature,
  { group, isTested = () => true }: { group: string; isTested?: (grant: RocketmqGrant) => boolean },
): PermissionRow<Feature>[] {
  const { grants }: { grants: readonly RocketmqGrant[] } = rocketmqFeatures[feature];
  const row = (name: string, missing?: RocketmqGrant): PermissionRow<Feature> => ({
    feature,
    name,
    topic: `topic-${name}`,
    group,
    grants: grants.filter((each) => each !== missing),
    ...(missing && { missing }),
    title: missing === undefined ? `${feature}: documented permissions` : `${feature}: without ${textOf(missing)}`,
  });
  return [row(feature), ...grants.filter(isTested).map((missing, index) => row(`${feature}-${index}`, missing))];
}
