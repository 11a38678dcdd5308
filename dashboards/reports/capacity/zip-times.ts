// Sets the time stamps of all entries of a ZIP archive to a fixed value, so that the file is reproducible.

/*
 * End of central directory   signature 06054b50, at +10 uint16 entries, at +16 uint32 offset of the first entry
 * Entry                      signature 02014b50, at +12 uint16 time, +14 uint16 date, +28 +30 +32 uint16 lengths of name,
 *                            extra field and comment, +42 uint32 offset of the local header, +46 the name
 * Local header               signature 04034b50, at +10 uint16 time, +12 uint16 date
 * All little-endian (APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12, 4.3.16).
 */

const endLength = 22;
/** 1980-01-01 00:00, the earliest valid time. */
const stamp = { time: 0, date: (1 << 5) | 1 };

/** @param archive changed in place; must have no archive comment */
export function setZipTimes(archive: Buffer): Buffer {
  const end = archive.length - endLength;
  if (archive.readUInt32LE(end) !== 0x06054b50) throw new Error('the archive has no end of central directory');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    archive.writeUInt16LE(stamp.time, at + 12);
    archive.writeUInt16LE(stamp.date, at + 14);
    const local = archive.readUInt32LE(at + 42);
    archive.writeUInt16LE(stamp.time, local + 10);
    archive.writeUInt16LE(stamp.date, local + 12);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return archive;
}
