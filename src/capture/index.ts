export * from './recording';
export * from './recording-error';
export type { Manifest, RecordedIdentity, RecordedOrganisation, RecordingCounts, Vantage } from './manifest';
export { RecordingReader, type RecordingPiece } from './recording-reader';
export {
  RecordingWriter,
  type EnvelopeExtras,
  type OrganisationCas,
  type PartyInfo,
  type RecordingHeader,
  type RecordingSink,
  type RecordingWriterOptions,
  type StreamInfo,
} from './recording-writer';
export { recordingTap, type Recorder } from './recording-tap';
export { allTaps, tapped, type StreamTap, type Tap } from './tap';
export { convertCapture, type ConvertOptions } from './convert/convert-capture';
export { convertToPcapng } from './pcapng/convert-to-pcapng';
export { compareShapes, type Difference } from './compare-shapes';
export { RelayRecorder } from './relay-recorder';
export { shapeOf, type KindShape, type Shape } from './shape';
