import Testing
@testable import Hub
@testable import REST
import JSON
import Support
import Yams
