// Serves the page of settings and their differences between brokers.

import type { RequestHandler } from 'express';
import type { Settings } from '../../brokers/lookup.ts';
import { renderSettingsPage, type SettingsContent } from '../../dashboards/web/cluster/settings-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { LookupAnswer } from '../../dashboards/web/cluster/lookup-notice.ts';
import { settingRows, shownSides, sidesTogether } from '../clusters/shown-settings.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { mapAnswer, type Lookups } from '../clusters/lookups.ts';
import { pageOfCluster } from './served-page.ts';

export const readSettings = (served: ServedCluster, lookups: Lookups): Promise<LookupAnswer<Settings>> =>
  lookups.ask(served, 'settings', (lookup, io) => lookup.settings(io));

export function createSettingsPage(
  { clusters, lookups }: Pick<ServiceParts, 'clusters'> & { lookups: Lookups },
  site: Site,
): RequestHandler {
  return pageOfCluster(clusters, site, async (served, view) => {
    const answer = mapAnswer(await readSettings(served, lookups), settingsAnswer);
    return renderSettingsPage({ cluster: served.name, answer }, view);
  });
}

export function settingsAnswer({
  processes,
  differences,
  notices,
}: Settings): Extract<SettingsContent['answer'], { kind: 'answered' }>['value'] {
  const of = (kind: 'broker' | 'name-server') => processes.filter((process) => process.of === kind);
  return {
    brokers: of('broker').map(({ id }) => id),
    differences: differences.map(({ setting, sides }) => ({
      setting,
      values: sidesTogether(shownSides(setting, sides)),
    })),
    ofBrokers: settingRows(of('broker')),
    ofNameServers: settingRows(of('name-server')),
    notices,
  };
}
