import FuzzDriver
import FuzzTargets
import Glibc

exit(Fuzzer.run(InflateFuzz.run))
