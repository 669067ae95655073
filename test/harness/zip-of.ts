import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content: Buffer;
  /** What the archive says of its length; the truth unless given. */
  saysBytes?: number;
  /** Says that there is a password. */
  locked?: true;
  /** How often it stands in the list of the archive, whose entries then lie on top of each other. */
  listed?: number;
}

/** An archive of deflated entries, which may say what is not so. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content, saysBytes = content.length, locked, listed: times = 1 } of entries) {
    const packed = deflateRawSync(content);
    const title = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(locked ? 1 : 0, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(saysBytes, 18);
    shared.writeUInt16LE(title.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), shared, title, packed]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    const line = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), shared, where, title]);
    for (let time = 0; time < times; time += 1) directory.push(line);
    bodies.push(body);
    offset += body.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, listed, Buffer.from('PK\x05\x06'), end]);
}
