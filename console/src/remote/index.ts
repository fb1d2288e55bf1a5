// The remote view: all that the rest of the console needs of it.
export { RemoteView } from "./view/RemoteView";
