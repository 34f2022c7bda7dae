/** Something that the service needs is not there; whoever asks may ask again. */
export class TryLater extends Error {
  override readonly name = 'TryLater'
}
