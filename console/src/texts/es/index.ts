// All that the console says in Spanish.
import { areas } from "../areas";

export default areas(import.meta.glob<object>("./*.json", { eager: true, import: "default" }));
