// Finds the topics of a business domain, by the patterns of `service.domains`.

/** Business domains by name, as in the config. */
export type DomainsOfClusters = Readonly<Record<string, { cluster: string; topics?: readonly string[] | undefined }>>;

/** @returns undefined if the domain has no patterns and shares its cluster; a domain alone on its cluster has all topics */
export function domainPatterns(name: string, domains: DomainsOfClusters): readonly string[] | undefined {
  const own = domains[name];
  if (own?.topics !== undefined) return own.topics;
  const sharing = Object.values(domains).filter(({ cluster }) => cluster === own?.cluster);
  return sharing.length === 1 ? ['*'] : undefined;
}
