/**
 * How often something is tried that goes wrong once in many times. The whole suite has time for the usual number.
 * `THOROUGH=1 npm test -- cancel-races` takes the other, to be sure.
 */
export const rounds = (usual: number, thorough: number): number =>
  process.env['THOROUGH'] ? thorough : usual;
