// Finds the file system of a path: the innermost mount point above it.

export function mountOf<Mount extends { mountpoint: string }>(
  path: string,
  mounts: readonly Mount[],
): Mount | undefined {
  return mounts
    .filter(({ mountpoint }) => holds(mountpoint, path))
    .reduce<Mount | undefined>(
      // Of two mounts at one place, the later hides the earlier.
      (best, each) => (best === undefined || each.mountpoint.length >= best.mountpoint.length ? each : best),
      undefined,
    );
}

const holds = (mountpoint: string, path: string) =>
  path === mountpoint || path.startsWith(mountpoint.endsWith('/') ? mountpoint : `${mountpoint}/`);
