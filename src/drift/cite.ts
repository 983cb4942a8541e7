/** A place in Fabric's sources that something is read from. */
export interface Place {
  /** Relative to Fabric's root: a file, or a folder, which stands for the sources in it. */
  readonly path: string;
  /** A function, method, type, variable, constant or field in it; undefined: the whole of it. */
  readonly name: string | undefined;
}

/** What a text cites. */
export interface Cites {
  readonly places: readonly Place[];
  /** The parts that name no place in Fabric's sources. */
  readonly elsewhere: readonly string[];
}

/** What stands for a version, and does not belong to the place: `v3.1.5 msp/identities.go`. */
const version = /^v\d+(\.\d+)+ /;
/** At least two segments, and the first is one of Fabric's folders, or of those that it has vendored. */
const path =
  /^(vendor|cmd|common|core|discovery|gossip|internal|msp|orderer|pkg|protoutil|sampleconfig)(\/[\w.-]+)+$/;
const identifier = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/;

/**
 * Reads what the catalogue says of sources: parts separated by `;`, each a path and, after a space, names separated by
 * commas; what is in brackets, and words after a name, is for people: `gossip/comm/conn.go send; gossip/comm/msg.go Respond`.
 */
export function parseCites(source: string): Cites {
  const places: Place[] = [];
  const elsewhere: string[] = [];
  for (const part of source.replace(/\([^)]*\)/g, '').split(';')) {
    const plain = part
      .trim()
      .replace(version, '')
      .replace(/^vendored /, 'vendor/');
    const found = placesOf(plain);
    if (found.length > 0) places.push(...found);
    else if (plain !== '') elsewhere.push(part.trim());
  }
  return { places, elsewhere };
}

/** The places of one part; a path among its names begins the next. */
function placesOf(part: string): readonly Place[] {
  const places: Place[] = [];
  let current: { readonly path: string; named: boolean } | undefined;
  const close = (): void => {
    if (current !== undefined && !current.named) places.push({ path: current.path, name: undefined });
  };
  for (const item of part.split(',')) {
    const words = item.trim().split(/\s+/);
    const [first = ''] = words;
    if (path.test(first)) {
      close();
      current = { path: first, named: false };
      words.shift();
    }
    const [name] = words;
    if (current === undefined || name === undefined || !identifier.test(name)) continue;
    current.named = true;
    places.push({ path: current.path, name });
  }
  close();
  return places;
}

/** `gossip/comm/conn.go send` */
export const placeText = ({ path: where, name }: Place): string =>
  name === undefined ? where : `${where} ${name}`;
