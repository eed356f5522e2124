// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers of the HTTP API with a string of the test's wherever a guest chooses what stands there.
 */
final class Answers {
  /** Would be an element, run a script and turn the direction of writing. */
  static final String MARKUP = "<img src=x onerror=\"window.hit=1\"></script><b>&amp;\u202e";

  /** The same as the page must show it. */
  static final String MARKUP_SHOWN = "<img src=x onerror=\"window.hit=1\"></script><b>&amp;\\u202e";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TEMPLATE =
      """
      {
        "nodes": {"rows":[{"node":@,"runs":1,"running":1,"instructions":10,"rate":1,"lag":0,"dropped":0,"gaps":0,"lastSeen":1763832601000000}],
          "fleet":{"nodes":1,"runs":1,"running":1,"instructions":10,"rate":1,"lag":0,"dropped":0,"gaps":0,"lastSeen":1763832601000000},
          "total":1,"offset":0,"limit":20,"missing":MISSING},
        "runs": {"rows":[{"runId":"RUN","parentRunId":null,"rootRunId":"RUN","node":@,"name":@,"labels":{@:@},"target":@,"systemEmulation":true,"mode":"full",
            "command":[@],"start":1763832600000000,"end":null,"exitCode":null,"endReason":null,"executed":null,"instructions":10,"vcpus":1,"batches":1,"rate":1,"lag":0,
            "dropped":3,"gaps":0,"broken":0,"duplicates":0,"lastSeen":1763832601000000}],
          "total":1,"offset":0,"limit":20,"missing":MISSING},
        "RUN": {"run":{"runId":"RUN","parentRunId":null,"rootRunId":"RUN","node":@,"name":@,"labels":{@:@},"target":@,"systemEmulation":true,"qemuVersion":@,
            "pluginApi":{"min":0,"current":1},"smpVcpus":1,"maxVcpus":1,"mode":"full","whenFull":"block","image":@,"startCode":null,"endCode":null,"entryCode":null,
            "command":[@],"start":1763832600000000,"end":null,"exitCode":null,"endReason":null},
          "children":[],"transport":null,
          "progress":{"instructions":10,"vcpus":1,"batches":1,"rate":1,"lag":0,"dropped":0,"gaps":0,"broken":0,"duplicates":0,"lastSeen":1763832601000000},
          "weights":[],"missing":MISSING},
        "hot-blocks": {"rows":[{"target":@,"vaddr":"0x1000","codeHash":"0x1","instructions":5,"bytes":10,"executions":2,"weight":10,"runs":1,"nodes":1,"runId":"RUN",
            "symbol":@,"function":@,"functionOffset":"0x4","file":@,"line":7,"image":@,"imageOffset":"0x10","buildId":@,"code":[{"vaddr":"0x1000","bytes":"90","text":@}]}],
          "total":1,"totalWeight":10,"runsMatched":1,"runsUsed":1,"from":null,"to":null,"offset":0,"limit":20,"missing":MISSING},
        "hot-functions": {"rows":[{"target":@,"name":@,"function":@,"image":@,"buildId":@,"instructions":10,"executions":2,"blocks":1,"runs":1,"nodes":1},
            {"target":@,"name":@,"function":null,"image":@,"buildId":null,"instructions":0,"executions":0,"blocks":1,"runs":1,"nodes":1}],
          "total":2,"totalInstructions":10,"runsMatched":1,"runsUsed":1,"from":null,"to":null,"offset":0,"limit":20,"missing":MISSING},
        "vcpus": {"rows":[{"vcpu":0,"generation":0,"instructions":10,"blocks":2,"loads":1,"stores":1,"loadBytes":4,"storeBytes":4,"idles":0,"resumes":0}],
          "sum":{"instructions":10,"blocks":2,"loads":1,"stores":1,"loadBytes":4,"storeBytes":4,"idles":0,"resumes":0},
          "total":1,"from":null,"to":null,"offset":0,"limit":20,"missing":MISSING},
        "hwaddr": {"rows":[{"vcpu":null,"kind":"IO","device":@,"reads":1,"writes":0,"readBytes":4,"writeBytes":0}],
          "sum":{"ram":{"reads":0,"writes":0,"readBytes":0,"writeBytes":0},"io":{"reads":1,"writes":0,"readBytes":4,"writeBytes":0}},
          "total":1,"from":null,"to":null,"offset":0,"limit":20,"missing":MISSING},
        "pages": {"rows":[{"page":"0x1000","pages":1,"reads":1,"writes":0,"readBytes":4,"writeBytes":0}],
          "bucketBytes":4096,"lowest":"0x1000","highest":"0x1000","total":1,"offset":0,"limit":20,"missing":MISSING},
        "syscalls": {"rows":[{"number":1,"name":@,"calls":1,"returns":1,"errors":0}],"total":1,"from":null,"to":null,"offset":0,"limit":20,"missing":MISSING},
        "timeline": {"rows":[{"start":1763832600000000,"vcpu":0,"instructions":10,"blocks":2,"loads":1,"stores":1,
            "ramReads":0,"ramWrites":0,"ramReadBytes":0,"ramWriteBytes":0,"ioReads":1,"ioWrites":0,"ioReadBytes":4,"ioWriteBytes":0}],
          "stepSeconds":1,"from":1763832600000000,"to":1763832601000000,"fineFrom":1763832600000000,"total":1,"offset":0,"limit":20000,"missing":MISSING},
        "audit": {"verdict":"failed","line":@,"failures":[@],"runs":1,"vcpus":1,
          "sum":{"executed":10,"encoded":10,"dropped":0,"passed":0,"published":10,"aggregated":9,"duplicates":0,"gaps":0},
          "rows":[{"runId":"RUN","vcpu":0,"executed":10,"encoded":10,"dropped":0,"passed":0,"published":10,"aggregated":9,"duplicates":0,"gaps":0,"conserved":false}],
          "total":1,"offset":0,"limit":20,"missing":MISSING},
        "events": {"at":1763832601000000,
          "fleet":{"nodes":1,"runs":1,"running":1,"instructions":10,"rate":1,"lag":0,"dropped":0,"gaps":0,"lastSeen":1763832601000000},
          "runs":[{"runId":"RUN","node":@,"name":@,"start":1763832600000000,"end":null,"exitCode":null,"endReason":null,"executed":null,"instructions":10,"vcpus":1,
            "batches":1,"rate":1,"lag":0,"dropped":0,"gaps":0,"broken":0,"duplicates":0,"lastSeen":1763832601000000,"perVcpu":[]}],
          "missing":[]}
      }
      """;

  private Answers() {}

  /** By the last part of the path; each with an instance missing. */
  static Map<String, Object> of(String runId, String guest) {
    return read(
        TEMPLATE
            .replace(
                "MISSING", "[{\"instance\":\"jobs-2:8470\",\"partitions\":[0,2],\"reason\":@}]")
            .replace("RUN", runId)
            .replace("@", quoted(guest)));
  }

  /** Of a server that nothing was sent to. */
  static Map<String, Object> empty() {
    Map<String, Object> nothing =
        read(
            """
            {"rows":[],"fleet":{"nodes":0,"runs":0,"running":0,"instructions":0,"rate":0,"lag":null,"dropped":0,"gaps":0,"lastSeen":null},
             "runs":[],"totalWeight":0,"totalInstructions":0,"runsMatched":0,"runsUsed":0,"from":null,"to":null,"total":0,"offset":0,"limit":20,"missing":[]}
            """);
    Map<String, Object> answers = new LinkedHashMap<>();
    for (String path : new String[] {"nodes", "runs", "hot-functions", "hot-blocks", "events"}) {
      answers.put(path, nothing);
    }
    return answers;
  }

  private static String quoted(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> read(String json) {
    try {
      return JSON.readValue(json, new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
