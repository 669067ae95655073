const rate = 8_000;
const bytesOfSample = 2;

/** So many seconds of silence, as a WAV file. */
export function wavOf(seconds: number): Buffer {
  const data = Buffer.alloc(Math.round(seconds * rate) * bytesOfSample);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * bytesOfSample, 28);
  head.writeUInt16LE(bytesOfSample, 32);
  head.writeUInt16LE(bytesOfSample * 8, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
