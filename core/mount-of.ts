// Finds the file system that a path lies on: the innermost mount that holds it.

export function mountOf<Mount extends { mountpoint: string }>(
  path: string,
  mounts: readonly Mount[],
): Mount | undefined {
  return mounts
    .filter(({ mountpoint }) => holds(mountpoint, path))
    .reduce<Mount | undefined>(
      // Of two at the same place the later one hides the other.
      (best, each) => (best === undefined || each.mountpoint.length >= best.mountpoint.length ? each : best),
      undefined,
    );
}

const holds = (mountpoint: string, path: string) =>
  path === mountpoint || path.startsWith(mountpoint.endsWith('/') ? mountpoint : `${mountpoint}/`);
