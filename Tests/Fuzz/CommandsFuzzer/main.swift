import FuzzDriver
import FuzzTargets
import Glibc

exit(Fuzzer.run(CommandsFuzz.run))
